//! Runs the seeds and what was found before over all targets, without a fuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dateline_fuzz::TARGETS;

/// The files of a target, by name.
fn inputs(folder: &str, target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn seeds_and_former_failures_hold() {
    for (target, check) in TARGETS {
        let seeds = inputs("seeds", target);
        assert!(!seeds.is_empty(), "{target} has no seeds");
        for path in seeds.into_iter().chain(inputs("failures", target)) {
            println!("{}", path.display());
            check(&fs::read(path).unwrap());
        }
    }
}

/// A target is in the list, in the manifest of the crate, and has a file.
#[test]
fn no_target_is_forgotten() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files: BTreeSet<String> = fs::read_dir(folder.join("fuzz_targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let listed: BTreeSet<String> = TARGETS.iter().map(|(target, _)| (*target).to_owned()).collect();
    assert_eq!(files, listed);
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for target in listed {
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
    }
}
