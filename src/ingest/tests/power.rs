//! Power cuts: what was reported as committed is there, whole, and nothing else is.

use super::*;
use crate::index::storage::model::Cut;

/// Whether to look at many more cases than fit into every run of the tests.
fn is_long() -> bool {
    std::env::var_os("DATELINE_LONG").is_some()
}

/// Makes commits and cuts the power right after each was reported; gives how many of the images had lost the commit.
fn lost(model: &Model, is_mixed: bool, rounds: usize) -> usize {
    let (mut expected, mut lost) = (Expected::new(), 0);
    for round in 0..rounds {
        let articles = batch(round, 12, is_mixed);
        expected.extend(articles.iter().cloned());
        let index = open(model).unwrap();
        bring(&index, &articles, &mut |event| {
            if !matches!(event, IndexEvent::Commit { .. }) {
                return;
            }
            let seed = round as u64 * 7919 + 1;
            let pending = model.pending();
            let mut cuts = vec![
                Cut::Worst,
                Cut::Prefix(pending / 3),
                Cut::Prefix(pending),
                Cut::Random(seed),
                Cut::Random(seed << 20),
            ];
            if is_long() {
                cuts.extend([Cut::Prefix(1), Cut::Prefix(2 * pending / 3)]);
                cuts.extend([Cut::Random(seed << 10), Cut::Random(seed << 30)]);
            }
            for cut in cuts {
                let folder = tempfile::tempdir().unwrap();
                model.cut(cut, folder.path());
                match stored(folder.path()) {
                    Ok(found) if found == expected => {}
                    Ok(_) => lost += 1,
                    Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Damaged) => {
                        lost += 1;
                    }
                    Err(error) => panic!("{round} {cut:?}: {error:?}"),
                }
            }
        })
        .unwrap();
    }
    lost
}

#[test]
fn no_commit_is_lost_when_the_power_goes() {
    let rounds = if is_long() { 100 } else { 10 };
    for is_mixed in [false, true] {
        assert_eq!(lost(&Model::default(), is_mixed, rounds), 0, "mixed: {is_mixed}");
    }
}

/// The control: without the sync of the folder behind each commit the same test finds losses, so it looks.
#[test]
fn commits_are_lost_where_the_folder_is_not_synced() {
    assert!(lost(&Model::lying(), true, 4) >= 4, "the worst image of each commit lacks it");
}

/// A run that was cut off in the middle leaves what was committed before, and the next one takes up from there, without
/// its leftovers.
#[test]
fn a_run_that_breaks_off_is_taken_up() {
    let model = Model::default();
    bring(&open(&model).unwrap(), &batch(0, 10, false), &mut |_| ()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // What would have been the next commit fails at its last step, and then the power goes.
    model.fail(Some(crate::index::storage::model::Fault {
        call: "rename",
        nth: 2,
        kind: std::io::ErrorKind::Other,
        stays: true,
    }));
    bring(&open(&model).unwrap(), &batch(1, 10, false), &mut |_| ()).unwrap_err();
    model.fail(None);
    model.cut(Cut::Prefix(usize::MAX), folder.path());
    std::fs::write(folder.path().join(".tmp-1-0"), "left").unwrap();
    let segments = || {
        let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".store")).count()
    };
    assert_eq!(segments(), 2, "the segment of the commit that failed is still there");
    assert_eq!(stored(folder.path()).unwrap(), batch(0, 10, false).into_iter().collect());
    // Looking at what is stored has taken the writer's lock, and so swept.
    assert_eq!(segments(), 1);
    assert!(!folder.path().join(".tmp-1-0").exists());
    let index = Index::open(folder.path()).unwrap();
    bring(&index, &batch(1, 10, false), &mut |_| ()).unwrap();
    assert_eq!(stored(folder.path()).unwrap().len(), 20);
}
