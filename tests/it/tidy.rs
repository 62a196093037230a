//! The rules of the house that no compiler checks: layers, homes of dependencies, sizes, codes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use regex::Regex;
use snapform::diag::code;

use crate::support::repository;

/// A source file without comments and without what only tests compile.
struct Source {
    /// Its path below `src/`, with `/`.
    name: String,
    text: String,
    /// All of it.
    whole: String,
}

impl Source {
    /// The module of `lib.rs` it belongs to; files beside `lib.rs` belong to none.
    fn module(&self) -> Option<&str> {
        self.name.split_once('/').map(|(module, _)| module)
    }
}

/// Every file below a folder that ends with `.rs`, by name, with its text.
fn files(folder: &Path) -> BTreeMap<String, String> {
    fn collect(folder: &Path, root: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, root, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(folder, folder, &mut found);
    found
}

/// Whether a file is only compiled for tests.
fn is_test(name: &str) -> bool {
    let parts: Vec<_> = name.split('/').collect();
    let file = parts.last().copied().unwrap_or_default();
    parts.contains(&"tests")
        || ["tests.rs", "conformance.rs", "testing.rs", "bench.rs"].contains(&file)
}

fn sources() -> Vec<Source> {
    let comment = Regex::new(r"(?m)//.*$").unwrap();
    let all = files(&repository().join("src"));
    let sources: Vec<_> = all
        .into_iter()
        .filter(|(name, _)| !is_test(name))
        .map(|(name, whole)| {
            let code = whole.split("#[cfg(test)]\nmod tests {").next().unwrap();
            Source { name, text: comment.replace_all(code, "").into_owned(), whole: whole.clone() }
        })
        .collect();
    assert!(sources.len() > 150, "the sources are not where they were");
    sources
}

/// The modules in the order of `lib.rs`: lowest layer first.
fn layers() -> Vec<String> {
    let text = fs::read_to_string(repository().join("src/lib.rs")).unwrap();
    let module = Regex::new(r"(?m)^pub mod (\w+);").unwrap();
    module.captures_iter(&text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn a_module_uses_only_what_stands_before_it() {
    let layers = layers();
    assert!(layers.len() >= 16);
    let place = |name: &str| layers.iter().position(|layer| layer == name);
    let named = Regex::new(r"\bcrate::(\w+)").unwrap();
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(own) = source.module().and_then(place) else { continue };
        assert!(!source.text.contains("crate::{"), "{}: write one `use` a module", source.name);
        for found in named.captures_iter(&source.text) {
            if place(&found[1]).is_none_or(|other| other > own) {
                wrong.push(format!("{} uses `{}`", source.name, &found[1]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_provider_knows_what_a_provider_may_know_and_no_other_provider() {
    let allowed = ["sdk", "schema", "value", "world"];
    let named = Regex::new(r"\bcrate::(\w+)(?:::(\w+))?").unwrap();
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(inside) = source.name.strip_prefix("providers/") else { continue };
        let Some((own, _)) = inside.split_once('/') else { continue };
        for found in named.captures_iter(&source.text) {
            let within = found.get(2).map(|inner| inner.as_str());
            let is_own = &found[1] == "providers" && within == Some(own);
            if !is_own && !allowed.contains(&&found[1]) {
                wrong.push(format!("{} uses `{}`", source.name, &found[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_command_line_knows_which_providers_there_are() {
    for source in sources() {
        let knows = source.text.contains("crate::providers");
        let may = matches!(source.module(), Some("cli" | "providers"));
        assert!(!knows || may, "{}", source.name);
    }
}

#[test]
fn applying_plans_nothing() {
    let forbidden = ["planner", "Planner", "crate::config", "crate::syntax"];
    let mut seen = 0;
    for source in sources().iter().filter(|source| source.name.starts_with("engine/apply/")) {
        seen += 1;
        for word in forbidden {
            assert!(!source.text.contains(word), "{} names `{word}`", source.name);
        }
    }
    assert!(seen >= 3, "apply is not where it was");
}

#[test]
fn only_view_prints_and_only_the_command_line_reads_the_environment() {
    let print = Regex::new(r"\be?print(ln)?!|io::(stdout|stderr)\(\)").unwrap();
    let environment = Regex::new(r"\benv::(var|vars|var_os|vars_os|args|args_os|current_dir)\b");
    let environment = environment.unwrap();
    for source in sources() {
        // Whether a stream is a terminal is a question, not output.
        let text = source
            .text
            .replace("io::stdout().is_terminal()", "")
            .replace("io::stderr().is_terminal()", "");
        assert!(source.module() == Some("view") || !print.is_match(&text), "{}", source.name);
        let is_cli = source.module() == Some("cli");
        assert!(is_cli || !environment.is_match(&source.text), "{}", source.name);
    }
}

/// Where each dependency may be named. One with an empty home may be named everywhere.
const HOMES: [(&str, &[&str]); 54] = [
    ("annotate-snippets", &["view/diagnostics.rs"]),
    ("anstyle", &["view/style.rs"]),
    ("anyhow", &["cli/"]),
    ("argon2", &["sdk/seal/"]),
    ("aws-lc-rs", &["sdk/seal/", "state/backend/pg/tls.rs"]),
    (
        "base64",
        &[
            "lang/functions/",
            "providers/apsara/",
            "providers/thousandeyes/",
            "sdk/seal/",
            "state/backend/http/server.rs",
            "state/backend/objects/",
        ],
    ),
    ("bcrypt", &["lang/functions/cipher.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/args/shell.rs", "cli/completions.rs"]),
    ("clap_mangen", &["cli/man.rs"]),
    ("dashu-float", &["value/number"]),
    ("dashu-int", &["lang/functions/cipher.rs", "value/number"]),
    ("encoding_rs", &["lang/functions/charset.rs"]),
    ("flate2", &["lang/functions/compression.rs"]),
    (
        "futures-util",
        &[
            "engine/refresh.rs",
            "graph/walk.rs",
            "sdk/together.rs",
            "state/backend/objects/bucket.rs",
        ],
    ),
    ("hcl-rs", &["syntax/"]),
    ("hmac", &["sdk/auth/"]),
    ("http-body-util", &["sdk/emulator/"]),
    ("hyper", &["sdk/emulator/"]),
    ("hyper-util", &["sdk/emulator/", "sdk/http/proxies.rs"]),
    ("indicatif", &["view/progress/"]),
    ("jiff", &["world/timestamp.rs"]),
    ("md-5", &["lang/functions/", "sdk/auth/"]),
    ("mimalloc", &["main.rs"]),
    ("object_store", &["state/backend/objects/"]),
    ("petgraph", &["graph/"]),
    ("regex", &["lang/functions/"]),
    ("reqwest", &["sdk/http/"]),
    ("rustc-hash", &["text/recent.rs"]),
    ("rustls", &["state/backend/pg/tls.rs"]),
    ("rustls-platform-verifier", &["state/backend/pg/tls.rs"]),
    ("saphyr-parser", &["lang/functions/yaml_read.rs"]),
    ("rustyline", &["cli/console.rs"]),
    ("secrecy", &["sdk/auth/", "sdk/seal/"]),
    ("serde", &[]),
    ("serde_json", &[]),
    ("serde_path_to_error", &["sdk/http/", "state/file.rs", "value/typed.rs"]),
    ("sha1", &["lang/functions/", "sdk/auth/"]),
    ("sha2", &["lang/functions/", "sdk/auth/"]),
    ("shlex", &["cli/arguments.rs", "cli/keys.rs"]),
    ("similar", &["value/diff.rs"]),
    ("stacker", &["engine/frame.rs"]),
    ("strsim", &["text/suggest.rs"]),
    ("tempfile", &["cli/replace.rs", "state/backend/"]),
    ("terminal_size", &["cli/environment.rs"]),
    ("thiserror", &[]),
    (
        "tokio",
        &[
            "cli/",
            "graph/walk.rs",
            "sdk/",
            "state/backend/",
            "state/session/scribe.rs",
            "world/clock.rs",
        ],
    ),
    ("tokio-postgres", &["state/backend/pg/"]),
    ("tokio-rustls", &["state/backend/pg/tls.rs"]),
    ("tracing", &["cli/logging.rs", "sdk/http/log.rs"]),
    ("tracing-subscriber", &["cli/logging.rs"]),
    ("unicode-normalization", &["value/"]),
    ("unicode-segmentation", &["lang/functions/", "syntax/", "text/source_map.rs"]),
    ("uuid", &["lang/", "world/ids.rs"]),
];

/// The names in a section of `Cargo.toml`.
fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let section = manifest.split_once("\n[dependencies]\n").unwrap().1;
    let section = section.split("\n[").next().unwrap();
    let names = section.lines().filter_map(|line| line.split_once(" = "));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_dependency_is_used_at_its_home_and_nowhere_else() {
    let homes: BTreeMap<_, _> = HOMES.into_iter().collect();
    let known: BTreeSet<_> = homes.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(dependencies(), known, "give the dependency a home in this table");
    let sources = sources();
    for (dependency, homes) in homes {
        let name = match dependency {
            "hcl-rs" => "hcl".to_owned(),
            "md-5" => "md5".to_owned(),
            other => other.replace('-', "_"),
        };
        let named = Regex::new(&format!(r"(?m)(^|[^:\w]){name}::")).unwrap();
        let mut uses = 0;
        for source in sources.iter().filter(|source| named.is_match(&source.text)) {
            uses += 1;
            let at_home = homes.is_empty() || homes.iter().any(|at| source.name.starts_with(at));
            assert!(at_home, "{} uses {dependency}, whose home is {homes:?}", source.name);
        }
        assert!(uses > 0, "nobody uses {dependency}");
    }
}

/// The longest functions that are tolerated, in lines from `fn` to the closing brace.
const LONGEST_FUNCTION: usize = 60;

/// Functions longer than that, with their lines. A function ends where a closing brace stands as
/// far to the left as its first line, which `cargo fmt` sees to.
fn long_functions(text: &str) -> Vec<(String, usize)> {
    let head = Regex::new(r"^( *)(?:pub(?:\([a-z]+\))? )?(?:const )?(?:async )?fn (\w+)").unwrap();
    let lines: Vec<_> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(captures) = head.captures(line) else { continue };
        let mut signature = lines[start..].iter();
        if signature.find(|line| line.ends_with(['{', ';'])).is_some_and(|last| last.ends_with(';'))
        {
            continue;
        }
        let end = format!("{}}}", &captures[1]);
        let length = lines[start..].iter().position(|line| *line == end).unwrap_or(0);
        if length > LONGEST_FUNCTION {
            found.push((captures[2].to_owned(), length));
        }
    }
    found
}

#[test]
fn files_and_functions_stay_small() {
    let mut all = files(&repository().join("src"));
    let tests = files(&repository().join("tests"));
    all.extend(tests.into_iter().map(|(name, text)| (format!("tests/{name}"), text)));
    for (name, text) in all {
        let lines = text.lines().count();
        assert!(lines <= 500, "{name} has {lines} lines");
        assert_eq!(long_functions(&text), [], "{name}");
    }
    let clippy = fs::read_to_string(repository().join("clippy.toml")).unwrap();
    assert!(clippy.contains(&format!("too-many-lines-threshold = {LONGEST_FUNCTION}\n")));
}

#[test]
fn names_of_modules_say_what_is_in_them() {
    for (name, _) in files(&repository().join("src")) {
        for part in name.trim_end_matches(".rs").split('/') {
            let vague = ["utils", "util", "helpers", "helper", "misc", "common"].contains(&part);
            assert!(!vague, "{name}");
        }
    }
}

/// Codes that no test can reach without a defect in a provider or in the engine itself.
const UNREACHABLE: [&str; 2] = ["PROVIDER_DEFECT", "STEP_CYCLE"];

#[test]
fn every_code_is_used_and_tested() {
    let table = fs::read_to_string(repository().join("src/diag/code.rs")).unwrap();
    let entry = Regex::new(r#"(?m)^    ([A-Z_]+) = "([EW]\d{4})""#).unwrap();
    let entries: Vec<_> = entry
        .captures_iter(&table)
        .map(|found| (found[1].to_owned(), found[2].to_owned()))
        .collect();
    assert_eq!(entries.len(), code::ALL.len());
    let sources = sources();
    let tests = tests_and_snapshots();
    let mut unused = Vec::new();
    let mut untested = Vec::new();
    for (constant, name) in entries {
        let word = Regex::new(&format!(r"\bcode::{constant}\b")).unwrap();
        let mut others = sources.iter().filter(|source| source.name != "diag/code.rs");
        if !others.any(|source| word.is_match(&source.text)) {
            unused.push(constant.clone());
        }
        let in_units = || {
            files(&repository().join("src")).iter().any(|(file, whole)| {
                let tests = whole.split_once("#[cfg(test)]\nmod tests {").map(|(_, tests)| tests);
                let tests = if is_test(file) { Some(whole.as_str()) } else { tests };
                tests.is_some_and(|tests| tests.contains(&name) || word.is_match(tests))
            })
        };
        if !tests.contains(&name) && !in_units() && !UNREACHABLE.contains(&&*constant) {
            untested.push(format!("{constant} {name}"));
        }
    }
    assert!(unused.is_empty(), "codes without a use: {unused:?}");
    assert!(untested.is_empty(), "codes without a test: {untested:?}");
}

/// The texts of the integration tests, their cases and their snapshots.
fn tests_and_snapshots() -> String {
    let folder = repository().join("tests/it");
    let mut all: String = files(&folder).into_values().collect();
    for inner in ["snapshots", "bad_input"] {
        for entry in fs::read_dir(folder.join(inner)).unwrap() {
            all.push_str(&fs::read_to_string(entry.unwrap().path()).unwrap());
        }
    }
    all
}

#[test]
fn every_module_says_what_it_is() {
    for source in sources() {
        assert!(source.whole.starts_with("//!"), "{} begins without a word", source.name);
    }
}

/// The crates in a lock file, each with its versions.
fn locked(file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(repository().join(file)).unwrap();
    let mut locked = BTreeMap::<String, BTreeSet<String>>::new();
    for package in text.split("\n[[package]]\n").skip(1) {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
            line.unwrap().trim_end_matches('"').to_owned()
        };
        locked.entry(value("name")).or_default().insert(value("version"));
    }
    locked
}

#[test]
fn what_is_fuzzed_is_built_with_the_same_crates() {
    let (ours, fuzzed) = (locked("Cargo.lock"), locked("fuzz/Cargo.lock"));
    let advice = "copy `Cargo.lock` over `fuzz/Cargo.lock`, then run `cargo metadata` in `fuzz`";
    for name in dependencies() {
        assert!(fuzzed.contains_key(&name), "{name} is not locked in `fuzz`: {advice}");
    }
    for (name, versions) in fuzzed {
        let same = ours.get(&name).is_none_or(|ours| versions.is_subset(ours));
        assert!(same, "{name} is locked otherwise in `fuzz`: {advice}");
    }
}
