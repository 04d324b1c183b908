//! The house as `ARCHITECTURE.md` describes it: who may import whom, which crate is used where.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules and what they may import, themselves always included. A longer path wins over a shorter one.
const MAY_IMPORT: [(&str, &[&str]); 15] = [
    ("article", &["error", "control"]),
    ("error", &["article", "control"]),
    ("control", &["error"]),
    ("text", BASE),
    ("tag", &["article", "error", "control", "text"]),
    ("source", &["article", "error", "control", "text"]),
    ("decode", &["article", "error", "control", "text", "source"]),
    ("fetch", &["article", "error", "control", "text", "source", "decode"]),
    ("index", &["article", "error", "control", "text", "tag", "source", "decode"]),
    ("ingest", &["article", "error", "control", "text", "tag", "source", "decode", "index"]),
    ("query", &["article", "error", "control", "text"]),
    ("query/lower", &["article", "error", "control", "text", "tag", "index", "query"]),
    ("search", &["article", "error", "control", "text", "tag", "index", "query"]),
    ("eval", &["article", "error", "control", "text", "tag", "source", "decode"]),
    (
        "cli",
        &[
            "article", "error", "control", "text", "tag", "source", "decode", "index", "ingest", "query",
            "search", "eval", "fetch",
        ],
    ),
];

const BASE: &[&str] = &["article", "error", "control"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file as `query/lower.rs`, with its code without comments.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                let text = fs::read_to_string(&path).unwrap();
                let code: Vec<&str> =
                    text.lines().map(|line| line.find("//").map_or(line, |at| &line[..at])).collect();
                found.push((name, code.join("\n")));
            }
        }
    }
    found.sort();
    assert!(found.len() > 20, "the source files are read");
    found
}

/// What follows each `crate::` in a code: first names of paths, also in `use crate::{a, b::c}`.
fn imported(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let name = |text: &str| -> String {
            text.trim_start()
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect()
        };
        match rest.strip_prefix('{') {
            None => {
                names.insert(name(rest));
            }
            Some(list) => {
                let mut depth = 0;
                let mut start = 0;
                for (at, letter) in list.char_indices() {
                    match letter {
                        '{' => depth += 1,
                        '}' if depth == 0 => {
                            names.insert(name(&list[start..at]));
                            break;
                        }
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            names.insert(name(&list[start..at]));
                            start = at + 1;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    // Items at the top of the library, which stand for the modules they come from.
    names
        .into_iter()
        .filter_map(|name| match name.as_str() {
            "" | "Result" | "Error" | "ErrorKind" | "Fault" => None,
            "Cancel" => Some("control".to_owned()),
            "Index" => Some("index".to_owned()),
            _ => Some(name),
        })
        .collect()
}

fn rule_of(file: &str) -> Option<(&'static str, &'static [&'static str])> {
    MAY_IMPORT
        .into_iter()
        .filter(|(module, _)| file.strip_prefix(module).is_some_and(|rest| rest.starts_with(['/', '.'])))
        .max_by_key(|(module, _)| module.len())
}

#[test]
fn imports_go_one_way() {
    for (file, code) in sources() {
        if matches!(file.as_str(), "lib.rs" | "main.rs") {
            continue;
        }
        let (module, allowed) =
            rule_of(&file).unwrap_or_else(|| panic!("src/{file} belongs to no module of the rule"));
        let own = module.split('/').next().unwrap();
        for name in imported(&code) {
            assert!(
                name == own || allowed.contains(&name.as_str()),
                "src/{file} imports crate::{name}, but {module} may import only {allowed:?}"
            );
        }
    }
}

#[test]
fn the_rule_reads_all_forms_of_an_import() {
    let code = "use crate::{error::{Error, Kind}, text};\nfn f() { crate::tag::g(); pub(crate) x }\nuse crate::Index;";
    let names: Vec<String> = imported(code).into_iter().collect();
    assert_eq!(names, ["error", "index", "tag", "text"]);
    assert_eq!(rule_of("query/lower/text.rs").map(|(module, _)| module), Some("query/lower"));
    assert_eq!(rule_of("query/parse.rs").map(|(module, _)| module), Some("query"));
    assert_eq!(rule_of("queryable.rs"), None);
}

#[test]
fn engines_stay_where_they_belong() {
    for (file, code) in sources() {
        let may = |places: &[&str]| places.iter().any(|place| file.starts_with(place));
        let uses = |name: &str| code.contains(&format!("{name}::")) || code.contains(&format!("use {name};"));
        assert!(
            !uses("tantivy") || may(&["index/", "ingest/writer", "query/lower", "search/"]),
            "src/{file} uses tantivy"
        );
        assert!(!uses("rustix") || may(&["index/storage/medium", "cli/mod"]), "src/{file} uses rustix");
        assert!(!uses("rayon") || may(&["ingest/pipeline"]), "src/{file} uses rayon");
        assert!(!uses("clap") || may(&["cli/"]), "src/{file} uses clap");
        assert!(!uses("ureq") || may(&["fetch/"]), "src/{file} opens connections");
        // Tests ask it for their long form.
        let may_ask = may(&["cli/", "ingest/tests/"]);
        assert!(!code.contains("std::env") || may_ask, "src/{file} reads the environment");
    }
}

#[test]
fn no_type_of_the_engine_is_public() {
    for (file, code) in sources() {
        for item in code.split("\npub ").skip(1).chain(code.split("\n    pub ").skip(1)) {
            let signature: &str = item.split(['{', ';']).next().unwrap_or("");
            assert!(!signature.contains("tantivy"), "src/{file}: pub {signature}");
        }
    }
}

#[test]
fn every_test_file_is_a_module() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = fs::read_to_string(folder.join("main.rs")).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(module) = name.strip_suffix(".rs").filter(|module| *module != "main") {
            assert!(main.contains(&format!("mod {module};")), "tests/it/{name} is never run");
        }
    }
}
