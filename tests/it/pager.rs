//! Long text on a terminal goes through a pager. The terminal is that of `script`, of util-linux.

use std::process::{Command, Stdio};

use crate::support::{command, indexed, text};

/// What a terminal of so many lines shows of a command line, and its exit status; none where there is no `script`.
fn on_terminal(lines: u32, environment: &[(&str, &str)], arguments: &str) -> Option<(String, i32)> {
    let program = env!("CARGO_BIN_EXE_dateline");
    let line = format!("stty rows {lines} cols 80; exec {program} {arguments}");
    let mut script = Command::new("script");
    script
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(indexed())
        .stdin(Stdio::null());
    for name in ["COLUMNS", "NO_COLOR", "PAGER", "DATELINE_PAGER", "LESS", "CLICOLOR"] {
        script.env_remove(name);
    }
    script.env("TERM", "xterm-256color").env("SHELL", "/bin/sh").envs(environment.iter().copied());
    match script.output() {
        Ok(output) => {
            let shown = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
            Some((shown, output.status.code().unwrap()))
        }
        Err(_) => {
            println!("skipped: there is no script");
            None
        }
    }
}

/// A pager that shows which lines went through it.
const MARKED: &str = "sed s/^/PAGED:/";

#[test]
fn long_text_goes_through_the_pager() {
    for (environment, arguments) in [
        (&[("DATELINE_PAGER", MARKED)][..], "search amazon"),
        (&[("PAGER", MARKED)], "search amazon"),
        (&[("DATELINE_PAGER", MARKED), ("PAGER", "false")], "search amazon"),
        (&[("PAGER", MARKED)], "facets --by company"),
        (&[("PAGER", MARKED)], "companies"),
        (&[("PAGER", MARKED)], "search amazon --pager auto"),
    ] {
        let Some((shown, status)) = on_terminal(10, environment, arguments) else { return };
        assert_eq!(status, 0, "{shown}");
        assert!(
            shown.lines().count() > 10 && shown.lines().all(|line| line.starts_with("PAGED:")),
            "{shown}"
        );
    }
    let Some((shown, _)) = on_terminal(10, &[("PAGER", MARKED)], "search amazon") else { return };
    assert!(shown.contains('\u{1b}'), "colours are kept");
    let Some((shown, _)) = on_terminal(10, &[("PAGER", MARKED)], "search amazon --color never") else {
        return;
    };
    assert!(!shown.contains('\u{1b}') && shown.contains("PAGED:"), "{shown}");
    let Some((shown, _)) = on_terminal(10, &[("PAGER", MARKED), ("NO_COLOR", "1")], "search amazon") else {
        return;
    };
    assert!(!shown.contains('\u{1b}') && shown.contains("PAGED:"), "{shown}");
}

#[test]
fn other_text_does_not() {
    for (lines, environment, arguments) in [
        (500, &[("PAGER", MARKED)][..], "search amazon"),
        (10, &[("PAGER", "")], "search amazon"),
        (10, &[("PAGER", "cat")], "search amazon"),
        (10, &[("DATELINE_PAGER", ""), ("PAGER", MARKED)], "search amazon"),
        (10, &[("PAGER", MARKED)], "search amazon --no-pager"),
        (10, &[("PAGER", MARKED)], "search amazon --pager never"),
        (10, &[("PAGER", MARKED)], "search amazon --json"),
        (10, &[("PAGER", MARKED)], "search amazon --format jsonl"),
        (10, &[("PAGER", "no-such-pager --at all")], "search amazon"),
    ] {
        let Some((shown, status)) = on_terminal(lines, environment, arguments) else { return };
        assert_eq!(status, 0, "{shown}");
        assert!(!shown.contains("PAGED:") && !shown.contains("no-such-pager"), "{arguments}: {shown}");
        assert!(shown.lines().count() > 9 && shown.to_lowercase().contains("amazon"), "{arguments}: {shown}");
    }
    let piped = command(indexed(), &["search", "amazon"]).env("PAGER", MARKED).output().unwrap();
    assert!(!text(&piped.stdout).contains("PAGED:"));
}

#[test]
fn leaving_early_is_success_and_what_was_found_is_told() {
    let Some((shown, status)) = on_terminal(10, &[("PAGER", "head -1")], "companies") else { return };
    assert_eq!(status, 0);
    assert_eq!(shown.lines().count(), 1, "{shown}");
    let Some((_, status)) =
        on_terminal(3, &[("PAGER", MARKED)], "search 'alexa snapchat chromebook starliner'")
    else {
        return;
    };
    assert_eq!(status, 1, "the pager changes no exit status");
}

#[test]
fn less_is_told_what_it_has_to_know() {
    let pager = "sh -c 'cat > /dev/null; echo LESS is $LESS'";
    let Some((shown, _)) = on_terminal(10, &[("PAGER", pager)], "search amazon") else { return };
    assert_eq!(shown.trim(), "LESS is FRX");
    let Some((shown, _)) = on_terminal(10, &[("PAGER", pager), ("LESS", "-S")], "search amazon") else {
        return;
    };
    assert_eq!(shown.trim(), "LESS is -S");
}

#[test]
fn a_reader_at_a_terminal_is_told_how_to_go_on() {
    let Some((shown, _)) = on_terminal(500, &[], "search amazon --color never") else { return };
    let token = shown
        .lines()
        .find_map(|line| line.strip_prefix("next page: --after "))
        .unwrap_or_else(|| panic!("{shown}"));
    let Some((next, status)) = on_terminal(500, &[], &format!("search amazon --color never --after {token}"))
    else {
        return;
    };
    assert_eq!(status, 0);
    assert!(next.lines().any(|line| line.trim_start().starts_with("11  ")), "{next}");
    let piped = command(indexed(), &["search", "amazon"]).output().unwrap();
    assert!(!text(&piped.stdout).contains("--after"));
}
