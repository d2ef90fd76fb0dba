//! The rules of the house that the compiler does not know: who may use whom, file length, the same
//! migrations on both engines, documented settings, no machine paths.
#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use scimd::config::{Config, DEFAULTS, Sources};

const MAX_LINES: usize = 400;

/// Modules everything may use, except `scim`, which uses nothing of ours.
const SHARED: [&str; 3] = ["config", "clock", "telemetry"];

/// What a top-level module may use besides [`SHARED`]: the arrows of ARCHITECTURE.md.
fn arrows(module: &str) -> Option<&'static [&'static str]> {
    Some(match module {
        "main" => &["cli"],
        "cli" => &["http", "console", "jobs", "domain", "scim"],
        "http" | "console" | "jobs" => &["domain", "scim"],
        "domain" => &["scim", "storage"],
        "storage" => &["scim"],
        "scim" | "config" | "clock" | "telemetry" => &[],
        _ => return None,
    })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder`, without build output and version control.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if matches!(path.file_name().unwrap().to_str(), Some(".git" | "target")) {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn rust_files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = files(&root().join(folder));
    found.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    assert!(!found.is_empty(), "no Rust files in {folder}");
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(root()).unwrap().to_owned(), text)
        })
        .collect()
}

/// `src/http/scim/users.rs` belongs to `http`, `src/config.rs` to `config`.
fn top_module(path: &Path) -> String {
    let name = path.iter().nth(1).unwrap().to_str().unwrap();
    name.trim_end_matches(".rs").to_owned()
}

/// The text without line comments; `://` in a string is not one.
fn code(text: &str) -> String {
    let line = |line: &str| {
        let comment = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':'));
        comment.map_or(line.len(), |(at, _)| at)
    };
    text.lines().flat_map(|text| [&text[..line(text)], "\n"]).collect()
}

/// The top-level modules named behind `prefix`, as in `crate::domain::…` or
/// `crate::{config::Config, domain}`.
fn used(code: &str, prefix: &str) -> BTreeSet<String> {
    code.match_indices(prefix)
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        .flat_map(|(at, _)| first_segments(&code[at + prefix.len()..]))
        .collect()
}

fn first_segments(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![word(rest)];
    };
    let (mut depth, mut start, mut found) = (0_i32, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            ',' if depth == 0 => {
                found.push(word(&group[start..at]));
                start = at + 1;
            }
            '}' if depth == 0 => {
                found.push(word(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

fn has_word(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .any(|(at, _)| !code[..at].ends_with(part) && !code[at + word.len()..].starts_with(part))
}

fn assert_none(faults: &[String], rule: &str) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

#[test]
fn reading_of_paths_is_right() {
    let check = |code: &str, expected: &[&str]| {
        let found: Vec<_> = used(code, "crate::").into_iter().collect();
        assert_eq!(found, expected, "{code}");
    };
    check("use crate::domain::users;", &["domain"]);
    check("let x = crate::clock::timestamp(0);", &["clock"]);
    check(
        "use crate::{config::{Config, Fault}, domain, scim::error};",
        &["config", "domain", "scim"],
    );
    check("use crate::{\n    storage::Db,\n};", &["storage"]);
    check("use mycrate::x;", &[]);
    assert_eq!(code("a // crate::x\n\"http://b\" // c"), "a \n\"http://b\" \n");
    assert!(has_word("use sqlx::Row;", "sqlx") && !has_word("sqlxx", "sqlx"));
}

#[test]
fn modules_use_only_what_their_arrows_allow() {
    let mut faults = Vec::new();
    for (path, text) in rust_files("src") {
        let module = top_module(&path);
        if module == "lib" {
            continue;
        }
        let Some(allowed) = arrows(&module) else {
            faults.push(format!("{}: {module} is not in the drawing", path.display()));
            continue;
        };
        let prefix = if module == "main" { "scimd::" } else { "crate::" };
        for name in used(&code(&text), prefix) {
            let shared = module != "scim" && SHARED.contains(&name.as_str());
            if name != module && !shared && !allowed.contains(&name.as_str()) {
                faults.push(format!("{}: {module} uses {name}", path.display()));
            }
        }
    }
    assert_none(&faults, "against the arrows of ARCHITECTURE.md");
}

#[test]
fn sql_and_http_stay_in_their_rooms() {
    let mut faults = Vec::new();
    for (path, text) in rust_files("src") {
        let (module, code) = (top_module(&path), code(&text));
        if module != "storage" && has_word(&code, "sqlx") {
            faults.push(format!("{} names sqlx", path.display()));
        }
        if ["storage", "domain", "scim"].contains(&module.as_str()) && has_word(&code, "axum") {
            faults.push(format!("{} names axum", path.display()));
        }
    }
    assert_none(&faults, "sqlx belongs to storage, axum to http and console");
}

#[test]
fn files_are_short() {
    let mut faults = Vec::new();
    for (path, text) in rust_files("src") {
        let tests = path.ends_with("tests.rs") || path.iter().any(|part| part == "tests");
        let lines = text.lines().count();
        if !tests && lines > MAX_LINES {
            faults.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert_none(&faults, "more than 400 lines; find the second idea and give it a file");
}

#[test]
fn lints_are_expected_not_allowed() {
    let attribute = ["#[", "allow("].concat();
    let inner = ["#![", "allow("].concat();
    let mut faults = Vec::new();
    for (path, text) in ["src", "tests"].into_iter().flat_map(rust_files) {
        if text.contains(&attribute) || text.contains(&inner) {
            faults.push(path.display().to_string());
        }
    }
    assert_none(&faults, "use #[expect(…, reason = …)], which says when it is no longer needed");
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = root().join("migrations").join(engine);
        let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        files(&folder).into_iter().map(name).collect()
    };
    let (postgres, sqlite) = (names("postgres"), names("sqlite"));
    assert!(!postgres.is_empty(), "no migrations");
    assert_eq!(postgres, sqlite);
}

#[test]
fn every_setting_is_explained() {
    let guide = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let mut faults = Vec::new();
    for setting in Config::load(&Sources::default()).unwrap().sources() {
        let (key, variable) = (setting.key.as_str(), setting.key.to_uppercase());
        let (explanation, rest) =
            DEFAULTS.split_once(&format!("\n{key} = ")).unwrap_or((DEFAULTS, ""));
        let paragraph = explanation.rsplit("\n\n").next().unwrap();
        if rest.is_empty() || !paragraph.contains(&format!("# Environment: SCIMD_{variable}.")) {
            faults.push(format!("{key}: config/scimd.default.toml"));
        }
        if !guide.contains(&format!("| `{key}` |")) {
            faults.push(format!("{key}: docs/configuration.md"));
        }
    }
    assert_none(&faults, "settings without an explanation");
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    let places = ["work", "root", "home"].map(|folder| format!("/{folder}/"));
    let mut faults = Vec::new();
    for path in files(root()) {
        // What is not text is not ours to read: databases of a local run.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            if places.iter().any(|place| line.contains(place)) {
                faults.push(format!("{}:{}", path.display(), number + 1));
            }
        }
    }
    assert_none(&faults, "absolute paths of one machine");
}
