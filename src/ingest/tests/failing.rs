//! A disk that fails or is full: errors are told, nothing that was committed is lost, nothing is committed by halves.

use std::io::ErrorKind as IoKind;
use std::time::{Duration, Instant};

use super::*;
use crate::index::storage::model::{Cut, Fault};

const CALLS: [&str; 6] = ["write", "sync", "create", "rename", "sync_folder", "remove"];

/// What another process finds on the disk now.
fn found(model: &Model) -> Expected {
    let folder = tempfile::tempdir().unwrap();
    model.cut(Cut::Prefix(usize::MAX), folder.path());
    stored(folder.path()).unwrap()
}

/// A call fails once, or from then on. The run says so, what was there before is there still, and the same run afterwards
/// gives exactly what it should have given.
#[test]
fn errors_are_told_and_a_run_can_be_done_again() {
    let mut failed = 0;
    for call in CALLS {
        for (nth, stays) in [(1, true), (1, false), (2, false), (3, true), (5, false), (9, false), (17, true)]
        {
            let model = Model::default();
            let (before, after) = (batch(0, 8, false), batch(1, 8, true));
            bring(&open(&model).unwrap(), &before, &mut |_| ()).unwrap();
            let mut expected: Expected = before.iter().cloned().collect();
            let fault = Fault { call, nth, kind: IoKind::Other, stays };
            model.fail(Some(fault.clone()));
            let started = Instant::now();
            let mut acknowledged = false;
            let outcome = open(&model).and_then(|index| {
                bring(&index, &after, &mut |event| acknowledged |= matches!(event, IndexEvent::Commit { .. }))
            });
            // A run that hangs is one that would never end.
            assert!(started.elapsed() < Duration::from_secs(20), "{fault:?} took {:?}", started.elapsed());
            model.fail(None);
            match outcome {
                Ok(_) => expected.extend(after.iter().cloned()),
                Err(error) => {
                    failed += 1;
                    assert_eq!(error.kind(), ErrorKind::Io, "{fault:?}: {error:?}");
                    if acknowledged {
                        expected.extend(after.iter().cloned());
                    }
                }
            }
            let now = found(&model);
            let whole: Expected = expected.clone().into_iter().chain(after.iter().cloned()).collect();
            // A commit that failed behind its rename may be there, as a whole.
            assert!(now == expected || (!acknowledged && now == whole), "{fault:?}: {} articles", now.len());
            bring(&open(&model).unwrap(), &after, &mut |_| ()).unwrap();
            assert_eq!(found(&model), whole, "{fault:?}");
            assert!(
                !model.list().iter().any(|name| name.starts_with(".tmp")),
                "{fault:?}: {:?}",
                model.list()
            );
        }
    }
    assert!(failed > 20, "only {failed} of the faults were met");
}

/// An interrupted call is tried again.
#[test]
fn interruptions_are_no_errors() {
    let model = Model::default();
    model.fail(Some(Fault { call: "write", nth: 3, kind: IoKind::Interrupted, stays: false }));
    bring(&open(&model).unwrap(), &batch(0, 8, false), &mut |_| ()).unwrap();
    assert_eq!(found(&model), batch(0, 8, false).into_iter().collect());
}

/// A disk of any size that runs full, whether it tells so or not: an error, and after making room the same run gives
/// exactly what it should.
#[test]
fn full_disks() {
    let before = batch(0, 30, false);
    let after = batch(1, 30, true);
    let expected: Expected = before.iter().chain(&after).cloned().collect();
    let (mut refused, mut met) = (0, 0);
    for tells in [false, true] {
        for part in 1..=6 {
            let model = Model::default();
            bring(&open(&model).unwrap(), &before, &mut |_| ()).unwrap();
            let used = model.used();
            model.set_room(Some(used + part * used / 5), tells);
            let outcome = open(&model).and_then(|index| bring(&index, &after, &mut |_| ()));
            if let Err(error) = &outcome {
                met += 1;
                assert_eq!(error.kind(), ErrorKind::Io, "{error:?}");
                if error.message().contains("bytes are needed") {
                    refused += 1;
                    assert!(error.message().contains("are free"), "{error}");
                }
                assert_eq!(found(&model), before.iter().cloned().collect());
            }
            model.set_room(None, tells);
            bring(&open(&model).unwrap(), &after, &mut |_| ()).unwrap();
            assert_eq!(found(&model), expected, "part {part}");
        }
    }
    assert!(refused >= 6 && met > refused, "{refused} refused, {met} met");
}
