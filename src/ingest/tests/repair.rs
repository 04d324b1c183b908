//! A new index takes the place of the old one: ended at any step there is the one, the other, or the way to go on.

use super::*;
use crate::index::swap::Place;
use crate::ingest::repair::{RepairOptions, RepairOutcome, RepairReport, rebuild};

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Repairs, and ends behind a step.
fn until(folder: &Path, last: u32) -> Result<RepairReport> {
    let options = RepairOptions { index: options(), ..RepairOptions::default() };
    rebuild(&folder.join("index"), &options, false, &Cancel::new(), &mut |_| (), &mut |step| {
        if step < last { Ok(()) } else { Err(Error::new(ErrorKind::Io, "the power went")) }
    })
}

#[test]
fn it_may_end_at_any_step() {
    let expected: Expected = batch(0, 12, false).into_iter().collect();
    for last in 1..=3 {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("index");
        bring(&Index::open_or_create(&place).unwrap(), &batch(0, 12, false), &mut |_| ()).unwrap();
        let damaged = names(&place).into_iter().find(|name| name.contains(".idx")).unwrap();
        std::fs::write(place.join(&damaged), "").unwrap();
        let ended = until(folder.path(), last);
        match last {
            1 => {
                assert_eq!(names(folder.path()), [".index.repaired", "index"]);
                assert!(Index::open(&place).err().unwrap().message().contains(&damaged));
            }
            2 => {
                assert_eq!(names(folder.path()), [".index.repaired", "index.old-1"]);
                for refused in [Index::open(&place).err(), Index::open_or_create(&place).err()] {
                    assert!(refused.unwrap().message().contains("broken off"));
                }
            }
            _ => assert_eq!(ended.as_ref().unwrap().outcome, RepairOutcome::Replaced),
        }
        assert_eq!(ended.is_err(), last < 3);
        let again = until(folder.path(), 3).unwrap();
        let outcomes = [RepairOutcome::Replaced, RepairOutcome::Resumed, RepairOutcome::Unneeded];
        assert_eq!(again.outcome, outcomes[last as usize - 1], "{again:?}");
        assert_eq!(stored(&place).unwrap(), expected);
        assert_eq!(names(folder.path()), ["index", "index.old-1"]);
        assert!(names(&folder.path().join("index.old-1")).contains(&damaged));
        // The tags of another tagger are what they were.
        assert!(
            !crate::index::ledger::Checkpoint::read(&Index::open(&place).unwrap().inner)
                .unwrap()
                .is_own_tagger
        );
    }
}

#[test]
fn there_has_to_be_room() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("index");
    std::fs::create_dir(&place).unwrap();
    let place = Place::of(&place).unwrap();
    place.ask_for(1).unwrap();
    if cfg!(unix) {
        let error = place.ask_for(u64::MAX / 2).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.message().contains("no room"), "{error}");
    }
}
