//! Damaged files are found and never answered from, and nothing is made worse.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use dateline::index::FORMAT_VERSION;
use dateline::index::check::{Checkup, Depth, check};
use dateline::ingest::Indexer;
use dateline::{Cancel, ErrorKind, Index};
use tempfile::TempDir;

use crate::support::{copy, dateline, index_paths, json, options, search, text, write};

/// A small index of several segments, with articles that were replaced and deleted, in `index` of a folder.
fn built() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open_or_create(folder.path().join("index")).unwrap();
    for round in 0..3 {
        for number in 0..6 {
            let id = if number == 0 { 0 } else { round * 10 + number };
            let record = format!(
                "{{\"id\":\"{id}\",\"title\":\"Steel {round} and Lithium {number}\",\"date\":\"2025-0{}-1{number}\",\
                 \"body\":\"Amazon cuts {number}00 jobs. Round {round} is over.\\n\\nMore follows in {id}.\"}}\n",
                round + 1
            );
            write(folder.path(), &format!("news/{round}-{number}.jsonl"), record);
        }
        index_paths(&index, &[folder.path().join("news")]);
    }
    assert_eq!(Indexer::new(&index, options()).unwrap().remove(["11"]).unwrap(), 1);
    assert!(index.searcher().unwrap().stats().unwrap().segments > 1);
    folder
}

fn deep(folder: &Path) -> dateline::Result<Checkup> {
    check(folder, Depth::Content, &Cancel::new())
}

/// Files of the state, by name, with their bytes.
fn files(index: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(index)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect()
}

/// Whether to look at many more cases than fit into every run of the tests.
fn is_long() -> bool {
    std::env::var_os("DATELINE_LONG").is_some()
}

/// Whether an index is refused as damaged, or as one of another format.
fn is_refused(found: &dateline::Result<Checkup>) -> bool {
    match found {
        Ok(found) => !found.damage.is_empty(),
        Err(error) => matches!(error.kind(), ErrorKind::Format | ErrorKind::Damaged),
    }
}

#[test]
fn what_is_whole_is_found_whole() {
    let folder = built();
    let found = deep(&folder.path().join("index")).unwrap();
    assert_eq!((found.articles, found.is_deep, found.damage.len()), (15, true, 0), "{found:?}");
    assert_eq!(found.files, files(&folder.path().join("index")).len() as u64);
    for arguments in [&["check"][..], &["check", "--deep"], &["check", "--deep", "--json"]] {
        let output = dateline(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains("15"), "{}", text(&output.stdout));
    }
    Index::open_checked(folder.path().join("index"), &Cancel::new()).unwrap();
}

/// Any bit of any file: found by reading everything, and no search ends with a panic or a signal.
#[test]
fn flipped_bits() {
    let folder = built();
    let index = folder.path().join("index");
    let mut random: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize % below
    };
    let (mut flips, mut searched, mut statuses) = (0, 0, BTreeMap::<i32, u32>::new());
    let (each, searches) = if is_long() { (920, 250) } else { (14, 3) };
    for (name, bytes) in files(&index) {
        for flip in 0..each {
            let mut flipped = bytes.clone();
            let bit = next(bytes.len() * 8);
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(index.join(&name), &flipped).unwrap();
            assert!(is_refused(&deep(&index)), "{name}: bit {bit} is not found");
            assert!(Index::open_checked(&index, &Cancel::new()).is_err(), "{name}: {bit}");
            flips += 1;
            if flip < searches {
                let output =
                    dateline(folder.path(), &["search", "steel", "company:amazon", "--facets=source"]);
                let status = output.status.code().unwrap_or(-1);
                *statuses.entry(status).or_default() += 1;
                assert!(matches!(status, 0 | 1 | 6), "{name}: bit {bit}: {status}: {}", text(&output.stderr));
                assert!(
                    !text(&output.stderr).contains("panicked"),
                    "{name}: {bit}: {}",
                    text(&output.stderr)
                );
                searched += 1;
            }
        }
        fs::write(index.join(&name), &bytes).unwrap();
    }
    assert!(flips >= 300 && searched >= 60, "{flips} flips, {searched} searches");
    println!("{flips} flips, all found; {searched} searches, by exit status: {statuses:?}");
    assert!(statuses.contains_key(&6), "{statuses:?}");
    assert!(deep(&index).unwrap().damage.is_empty());
}

/// Every kind of file at every length that has ever been trouble: refused by opening it, with its name.
#[test]
fn cut_files() {
    let folder = built();
    let index = folder.path().join("index");
    let mut cases = 0;
    let mut kinds = BTreeSet::new();
    for (name, bytes) in files(&index) {
        let kind = name.split_once('.').map_or(&*name, |(_, kind)| kind);
        let kind = if kind.ends_with("del") { "del" } else { kind }.to_owned();
        // One of each kind is enough.
        if !kinds.insert(kind) {
            continue;
        }
        let length = bytes.len();
        let mut ends = vec![0, 1, 3, 4, 5, 7, 8, 9, 20, 79, length / 4, length / 2];
        ends.extend([200, 9, 8, 4, 1].iter().filter_map(|less| length.checked_sub(*less)));
        for end in ends.into_iter().filter(|end| *end < length) {
            fs::write(index.join(&name), &bytes[..end]).unwrap();
            let error = Index::open(&index).err().unwrap_or_else(|| panic!("{name}: {end} bytes are opened"));
            assert_eq!(error.kind(), ErrorKind::Damaged, "{name}: {end}: {error:?}");
            assert!(error.message().contains(&name), "{name}: {end}: {error}");
            assert!(is_refused(&check(&index, Depth::Lengths, &Cancel::new())));
            cases += 1;
        }
        let output = dateline(folder.path(), &["search", "steel"]);
        assert_eq!(output.status.code(), Some(6), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains(&name), "{}", text(&output.stderr));
        // A file that is longer, or gone.
        fs::write(index.join(&name), [&bytes[..], &[0; 100]].concat()).unwrap();
        assert!(Index::open(&index).is_err(), "{name} is too long");
        fs::remove_file(index.join(&name)).unwrap();
        let error = Index::open(&index).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Damaged, "{name} is gone: {error:?}");
        fs::write(index.join(&name), &bytes).unwrap();
        cases += 2;
    }
    assert!(kinds.len() >= 9 && cases >= 150, "{cases} cases of {kinds:?}");
    assert_eq!(search(&Index::open(&index).unwrap(), "steel").hits.len(), 15);
}

/// A file in the place of another segment's, and stretches of zeros.
#[test]
fn swapped_and_emptied_files() {
    let folder = built();
    let index = folder.path().join("index");
    let all = files(&index);
    let mut by_kind: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in all.keys().filter(|name| name.len() > 33 && !name.contains(".del")) {
        by_kind.entry(name[33..].to_owned()).or_default().push(name.clone());
    }
    let mut cases = 0;
    for (kind, names) in by_kind.iter().filter(|(_, names)| names.len() > 1 && names[0].len() > 33) {
        let [one, other, ..] = &names[..] else { continue };
        if all[one] == all[other] {
            continue;
        }
        fs::write(index.join(one), &all[other]).unwrap();
        fs::write(index.join(other), &all[one]).unwrap();
        assert!(is_refused(&deep(&index)), "{kind}");
        fs::write(index.join(one), &all[one]).unwrap();
        fs::write(index.join(other), &all[other]).unwrap();
        cases += 1;
    }
    for (name, bytes) in &all {
        for at in [0, bytes.len() / 2, bytes.len().saturating_sub(64)] {
            let mut emptied = bytes.clone();
            let end = (at + 64).min(bytes.len());
            emptied[at..end].fill(0);
            if emptied == *bytes {
                continue;
            }
            fs::write(index.join(name), &emptied).unwrap();
            assert!(is_refused(&deep(&index)), "{name} at {at}");
            cases += 1;
        }
        fs::write(index.join(name), bytes).unwrap();
    }
    assert!(cases >= 60, "{cases}");
}

#[test]
fn what_damage_costs_is_said() {
    let folder = built();
    let index = folder.path().join("index");
    let all = files(&index);
    for (end, cost) in [
        (".store", "texts"),
        (".term", "can't be found"),
        (".fast", "dates"),
        (".del", "deleted"),
        (".json.zst", "which files were read"),
    ] {
        let (name, bytes) = all.iter().find(|(name, _)| name.ends_with(end)).unwrap();
        let mut flipped = bytes.clone();
        flipped[20] ^= 1;
        fs::write(index.join(name), flipped).unwrap();
        let output = dateline(folder.path(), &["check", "--deep", "--json"]);
        assert_eq!(output.status.code(), Some(6));
        let found = json(&output);
        assert_eq!(found["damage"][0]["file"], name.as_str());
        assert!(found["damage"][0]["cost"].as_str().unwrap().contains(cost), "{found}");
        let shown = text(&dateline(folder.path(), &["check", "--deep"]).stdout);
        assert!(shown.contains(name) && shown.contains("1 file damaged"), "{shown}");
        // Its length is as it was.
        assert_eq!(dateline(folder.path(), &["check"]).status.code(), Some(0));
        fs::write(index.join(name), bytes).unwrap();
    }
}

/// Runs the program to read and to write, and gives that it refused both and touched nothing.
fn refuses_untouched(folder: &Path, told: &[&str]) {
    let index = folder.join("index");
    let before = files(&index);
    for arguments in [&["search", "steel"][..], &["index", "news"], &["stats"], &["check"]] {
        let output = dateline(folder, arguments);
        let stderr = text(&output.stderr) + &text(&output.stdout);
        assert_eq!(output.status.code(), Some(6), "{arguments:?}: {stderr}");
        assert!(told.iter().all(|told| stderr.contains(told)), "{arguments:?}: {stderr}");
        assert!(files(&index) == before, "{arguments:?} has changed something");
    }
}

/// Without its list an index is neither opened nor overwritten.
#[test]
fn a_list_that_is_lost() {
    let folder = built();
    let meta = folder.path().join("index/meta.json");
    let now = fs::read(&meta).unwrap();
    // Of an older state, whose files are gone.
    let aside = tempfile::tempdir().unwrap();
    copy(&folder.path().join("index"), aside.path());
    write(folder.path(), "news/new.txt", "Something new\n\nIt has a text.");
    let index = Index::open(folder.path().join("index")).unwrap();
    index_paths(&index, &[folder.path().join("news")]);
    fs::copy(aside.path().join("meta.json"), &meta).unwrap();
    refuses_untouched(folder.path(), &["ledger-"]);
    for text in [&b""[..], b"{", b"garbage", b"{\"segments\": [", &now[..now.len() / 2]] {
        fs::write(&meta, text).unwrap();
        refuses_untouched(folder.path(), &["meta.json"]);
    }
    fs::remove_file(&meta).unwrap();
    refuses_untouched(folder.path(), &["meta.json"]);
}

/// tantivy's list of files is not read: it may be lost, or name what is outside.
#[test]
fn the_list_of_what_may_be_deleted() {
    let folder = built();
    let index = folder.path().join("index");
    let outside = folder.path().join("victim.txt");
    write(folder.path(), "victim.txt", "kept");
    let orphan = index.join("0123456789abcdef0123456789abcdef.store");
    let lists =
        [None, Some(String::new()), Some("{".to_owned()), Some(format!("[\"../victim.txt\", {outside:?}]"))];
    for (round, list) in lists.into_iter().enumerate() {
        fs::write(&orphan, "left by a run that was killed").unwrap();
        fs::write(index.join(".tmpAbCdEf"), "the same").unwrap();
        let managed = index.join(".managed.json");
        match list {
            Some(list) => fs::write(managed, list).unwrap(),
            None => drop(fs::remove_file(managed)),
        }
        assert_eq!(dateline(folder.path(), &["search", "steel"]).status.code(), Some(0));
        assert!(orphan.exists(), "readers leave everything alone");
        write(folder.path(), &format!("news/new{round}.txt"), "Something new\n\nIt has a text.");
        let output = dateline(folder.path(), &["index", "news"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(outside.exists() && !orphan.exists() && !index.join(".tmpAbCdEf").exists());
    }
    assert!(deep(&index).unwrap().damage.is_empty());
}

/// An index of another version is refused with both versions before anything of it is touched.
#[test]
fn other_versions() {
    let folder = built();
    let index = folder.path().join("index");
    let meta = fs::read_to_string(index.join("meta.json")).unwrap();
    let own = format!("\"format\":{FORMAT_VERSION}");
    for other in [3, FORMAT_VERSION + 1, 99] {
        fs::write(index.join("meta.json"), meta.replace(&own, &format!("\"format\":{other}"))).unwrap();
        refuses_untouched(folder.path(), &[&format!("format {other}"), &format!("reads {FORMAT_VERSION}")]);
    }
    fs::write(index.join("meta.json"), &meta).unwrap();
    // The engine's version stands at the end of each of its files.
    let names: Vec<String> =
        files(&index).into_keys().filter(|name| name.len() > 33 && !name.contains("json")).collect();
    let key = b"\"index_format_version\":";
    for (name, digit) in names.iter().zip(*b"38938938").chain([(&names[names.len() - 1], b'3')]) {
        let bytes = fs::read(index.join(name)).unwrap();
        let at = bytes.windows(key.len()).rposition(|window| window == key).unwrap() + key.len();
        let mut patched = bytes.clone();
        let own = std::mem::replace(&mut patched[at], digit) as char;
        fs::write(index.join(name), patched).unwrap();
        let before = files(&index);
        for arguments in [&["search", "steel"][..], &["index", "news"]] {
            let output = dateline(folder.path(), arguments);
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(6), "{name}: {arguments:?}: {told}");
            let versions = [format!("version {}", digit as char), format!("to {own}")];
            assert!(versions.iter().all(|version| told.contains(version)), "{name}: {told}");
        }
        assert!(files(&index) == before);
        fs::write(index.join(name), bytes).unwrap();
    }
}

/// Reading needs no permission to write, and an index of somebody else can be searched.
#[cfg(unix)]
#[test]
fn an_index_that_may_only_be_read() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let folder = built();
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let is_root = fs::metadata(folder.path()).unwrap().uid() == 0;
    mode(folder.path(), 0o755);
    let index = folder.path().join("index");
    let program = folder.path().join("program");
    fs::copy(env!("CARGO_BIN_EXE_dateline"), &program).unwrap();
    mode(&program, 0o755);
    for locks in [true, false] {
        if !locks {
            for name in [".tantivy-meta.lock", ".tantivy-writer.lock"] {
                drop(fs::remove_file(index.join(name)));
            }
        }
        mode(&index, 0o555);
        let run = |arguments: &[&str]| {
            let mut command = std::process::Command::new(&program);
            command.current_dir(folder.path()).args(arguments).stdin(std::process::Stdio::null());
            if is_root {
                // Root may write everywhere.
                command.uid(65_534).gid(65_534);
            }
            command.output().unwrap()
        };
        let before = fs::read_dir(&index).unwrap().count();
        for arguments in [&["search", "steel"][..], &["check", "--deep"]] {
            let output = run(arguments);
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        }
        let output = run(&["index", "news"]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(5), "{told}");
        assert!(told.contains("index") && told.contains("ermission denied"), "{told}");
        assert_eq!(fs::read_dir(&index).unwrap().count(), before);
        mode(&index, 0o755);
    }
}

/// A path for the messages of this file.
#[test]
fn errors_name_the_folder() {
    let folder = built();
    let index: PathBuf = folder.path().join("index");
    fs::write(index.join("meta.json"), "{").unwrap();
    let error = Index::open(&index).err().unwrap();
    assert!(error.message().contains(index.to_str().unwrap()) && error.hint().is_some(), "{error:?}");
}
