//! The README does what it shows.

use std::path::Path;
use std::process::{Command, Stdio};

use regex::Regex;

use crate::support::{copy, corpus, package};

/// A command of a console block with the lines that it prints.
struct Transcript {
    command: String,
    shown: Vec<String>,
}

fn transcripts(text: &str) -> Vec<Transcript> {
    let mut found: Vec<Transcript> = Vec::new();
    let mut is_console = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_console = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| is_console) {
            found.push(Transcript { command: command.to_owned(), shown: Vec::new() });
        } else if let Some(last) = found.last_mut().filter(|_| is_console) {
            last.shown.push(line.to_owned());
        }
    }
    found
}

/// What a shell prints for the command, standard error first; `dateline` is the program under test.
fn run(folder: &Path, command: &str) -> Vec<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_dateline"));
    let mut path = program.parent().unwrap().as_os_str().to_owned();
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = [output.stderr, output.stdout].concat();
    String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
}

/// `…` on a line of its own stands for any number of lines; times differ from run to run.
fn agrees(shown: &[String], printed: &[String]) -> bool {
    let time = Regex::new(r"\(\d+\.\d (ms|s)\)").unwrap();
    let steady = |line: &String| time.replace_all(line, "(time)").into_owned();
    let printed: Vec<String> = printed.iter().map(steady).collect();
    let parts: Vec<Vec<String>> =
        shown.split(|line| line == "…").map(|part| part.iter().map(steady).collect()).collect();
    let (first, last) = (&parts[0], &parts[parts.len() - 1]);
    match parts.len() {
        1 => printed == *first,
        2 => {
            printed.len() > first.len() + last.len() && printed.starts_with(first) && printed.ends_with(last)
        }
        _ => panic!("one gap a command is enough"),
    }
}

#[test]
fn every_console_block_is_true() {
    let readme = std::fs::read_to_string(package().join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&corpus(), &folder.path().join("corpus"));
    let mut ran = 0;
    for Transcript { command, shown } in transcripts(&readme) {
        if command == "cargo test" {
            // This is the command that runs this test.
            continue;
        }
        let printed = run(folder.path(), &command.replace("cargo run --release -- ", "dateline "));
        assert!(
            agrees(&shown, &printed),
            "$ {command}\nshown:\n{}\nprinted:\n{}",
            shown.join("\n"),
            printed.join("\n")
        );
        ran += 1;
    }
    assert!(ran >= 10, "{ran} commands ran");
}

#[test]
fn the_check_of_a_change_runs_the_tests_as_the_readme_does() {
    let check = package().join(".ci/run");
    if !check.exists() {
        println!("skipped: .ci/run is not part of the package");
        return;
    }
    let check = std::fs::read_to_string(check).unwrap();
    assert!(check.lines().any(|line| line == "cargo test"), "{check}");
}

#[test]
fn a_transcript_that_is_wrong_is_seen() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let printed = lines("a\nb\nc (1.5 ms)");
    for (shown, is_true) in [
        ("a\nb\nc (9.1 ms)", true),
        ("a\n…\nc (0.1 ms)", true),
        ("a\n…", true),
        ("a\nb", false),
        ("a\nb\nd", false),
        ("b\n…", false),
        ("a\nb\n…\nc (1.0 ms)", false),
        ("", false),
    ] {
        assert_eq!(agrees(&lines(shown), &printed), is_true, "{shown}");
    }
}
