//! Input that is too deep, too long or no text at all: a diagnostic with its place, or success where
//! it is valid, soon and with little memory. Large texts are made here.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::Sandbox;

/// How long a command may take. Without optimisation everything takes many times as long.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 100 } else { 5 });

/// The most memory a command may use, in KiB.
const MEMORY: u64 = 512 * 1024;

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) told: String,
}

impl Ended {
    /// Refused with this code, at this place where there is one.
    pub(crate) fn refused(&self, name: &str, code: &str, place: &str) {
        let head: String = self.told.chars().take(2000).collect();
        assert_eq!(self.code, Some(1), "{name}: {head}");
        assert!(self.told.contains(&format!("error[{code}]")), "{name}: {head}");
        assert!(self.told.contains(place), "{name} at {place}: {head}");
        assert!(self.told.len() < 1_000_000, "{name}: {} bytes were told", self.told.len());
    }

    pub(crate) fn accepted(&self, name: &str) {
        let head: String = self.told.chars().take(2000).collect();
        assert_eq!(self.code, Some(0), "{name}: {head}");
    }
}

/// The most memory the process used so far, where the system tells.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Runs a command and watches its time and memory.
#[expect(clippy::disallowed_methods, reason = "what a person waits for is what is measured")]
pub(crate) fn watched(folder: &Path, name: &str, words: &[&str]) -> Ended {
    let told = folder.join("told");
    let out = fs::File::create(&told).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_snapform"))
        .args(words)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(out.try_clone().unwrap())
        .stderr(out)
        .spawn()
        .unwrap();
    let start = Instant::now();
    let mut most = 0;
    let status = loop {
        most = peak(child.id()).unwrap_or(most);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{name} takes too long");
        }
        thread::sleep(Duration::from_millis(2));
    };
    assert!(most < MEMORY, "{name} used {most} KiB");
    let bytes = fs::read(&told).unwrap();
    Ended { code: status.code(), told: String::from_utf8_lossy(&bytes).into_owned() }
}

/// Validates one file.
fn validated(name: &str, file: &str, text: impl AsRef<[u8]>) -> Ended {
    let sandbox = Sandbox::empty();
    sandbox.write(file, text);
    watched(&sandbox.path(""), name, &["validate", "-no-color"])
}

const DEEP: usize = 100_000;

#[test]
fn whatever_is_nested_too_deep_is_refused() {
    let native = [
        ("parentheses", "(", "1", ")"),
        ("lists", "[", "1", "]"),
        ("objects", "{ a = ", "1", " }"),
        ("calls", "max(", "1", ")"),
        ("templates", "\"${", "1", "}\""),
        ("directives", "\"%{ if ", "true", " }x%{ endif }\""),
        ("indices", "x[", "1", "]"),
        ("signs", "-", "1", ""),
        ("negations", "!", "true", ""),
        ("conditionals", "true ? 1 : ", "1", ""),
        ("fors", "[for x in ", "[]", " : x]"),
        ("sums", "1 + ", "1", ""),
    ];
    for (name, open, inner, close) in native {
        for close in [close, ""] {
            let value = format!("{}{inner}{}", open.repeat(DEEP), close.repeat(DEEP));
            let text = format!("locals {{\n  a = {value}\n}}\n");
            let ended = validated(name, "main.snap.hcl", text);
            if close.is_empty() && ended.told.contains("E0101") {
                ended.refused(name, "E0101", "main.snap.hcl:");
            } else {
                ended.refused(name, "E0102", "main.snap.hcl:2:");
                let is_bracket = matches!(open, "(" | "[" | "{ a = ") && !close.is_empty();
                assert!(!is_bracket || ended.told.matches("error[").count() == 1, "{name}");
            }
        }
    }
    let blocks = format!("{}{}", "b {\n".repeat(DEEP), "}\n".repeat(DEEP));
    validated("blocks", "main.snap.hcl", blocks).refused("blocks", "E0102", "main.snap.hcl:65:");
    for (name, open, close) in [("arrays", "[", "]"), ("objects", "{\"a\":", "}")] {
        let value = format!("{}1{}", open.repeat(DEEP), close.repeat(DEEP));
        let text = format!("{{\"locals\":\n{{\"a\": {value}}}}}");
        let ended = validated(name, "main.snap.hcl.json", text);
        ended.refused(name, "E0102", "main.snap.hcl.json:2:");
    }
    let steps = format!("locals {{\n  x = {{}}\n  a = local.x{}\n}}\n", ".b".repeat(DEEP));
    validated("steps", "main.snap.hcl", steps).refused("steps", "E0102", "main.snap.hcl:3:");
}

#[test]
fn what_is_longer_than_any_configuration_is_refused() {
    const HUGE: usize = 100 * 1024 * 1024;
    for (name, unit) in
        [("blocks", "locals {\n  a = 1\n}\n"), ("comment", "#"), ("garbage", "}]\"")]
    {
        let text = unit.repeat(HUGE / unit.len());
        validated(name, "main.snap.hcl", text).refused(name, "E0201", "main.snap.hcl");
    }
    let sandbox = Sandbox::empty();
    sandbox.write("main.tf", "x".repeat(HUGE));
    let ended = watched(&sandbox.path(""), "fmt", &["fmt"]);
    assert!(ended.code == Some(2) && ended.told.contains("E0201"), "{}", ended.told);
}

#[test]
fn long_files_are_read_and_broken_ones_are_refused_soon() {
    let length = if cfg!(debug_assertions) { 2 } else { 16 } * 1024 * 1024;
    let filled = |unit: &str| unit.repeat(length / unit.len());
    for (name, text) in [
        ("a comment", format!("# {}\nlocals {{}}\n", filled("x"))),
        ("a string", format!("locals {{\n  a = \"{}\"\n}}\n", filled("x"))),
        ("a heredoc", format!("locals {{\n  a = <<E\n{}E\n}}\n", filled("x\n"))),
        ("empty lines", filled("\n") + "locals {}\n"),
    ] {
        validated(name, "main.snap.hcl", text).accepted(name);
    }
    for (name, unit) in [
        ("no names", "@"),
        ("one name", "a"),
        ("open brackets", "[ "),
        ("open parentheses", "a = (\n"),
        ("open sequences", "a = \"${\n"),
        ("open heredocs", "a = <<E\n"),
        ("open blocks", "a {\n"),
        ("closing braces", "}\n"),
        ("unfinished sums", "a = 1 +\n"),
        ("open comments", "/* "),
        ("quotes", "\""),
        ("one long list", "1, "),
        ("the same argument", "a=1\n"),
    ] {
        let text = if name == "one long list" {
            format!("locals {{\n  a = [{}]\n}}\n", unit.repeat(5 * 1024 * 1024 / unit.len()))
        } else {
            filled(unit)
        };
        let ended = validated(name, "main.snap.hcl", text);
        let codes = ["E0102", "E0101", "E0207"].into_iter();
        let code = codes.into_iter().find(|code| ended.told.contains(code)).unwrap();
        ended.refused(name, code, "main.snap.hcl:");
    }
    let many = validated("many items", "main.snap.hcl", "a {}\n".repeat(1_000_100));
    many.refused("many items", "E0102", "main.snap.hcl:1000001:5");
}

#[test]
fn many_blocks_in_one_file_are_read() {
    let count = if cfg!(debug_assertions) { 5_000 } else { 100_000 };
    let mut text = String::from("locals {\n  tags = {}\n}\n");
    for number in 0..count {
        text.push_str(&format!(
            "resource \"terraform_data\" \"r{number}\" {{\n  input = {{ name = \"snap-{number}\", tags \
             = merge(local.tags, {{ n = {number} }}), more = [1, 2, 3, \"some text\"] }}\n}}\n\n"
        ));
    }
    let sandbox = Sandbox::with(&text);
    let ended = watched(&sandbox.path(""), "many blocks", &["fmt", "-check"]);
    ended.accepted("many blocks");
}

#[test]
fn what_is_no_text_is_named_with_its_line() {
    let bad = b"{\n \"a\": \"\xff\"\n}\n";
    for file in ["main.snap.hcl", "main.snap.hcl.json"] {
        let ended = validated(file, file, bad);
        ended.refused(file, "E0103", "line 2");
    }
    for file in ["terraform.tfvars", "a.auto.tfvars.json"] {
        let sandbox = Sandbox::with("variable \"a\" {\n  default = 1\n}\n");
        sandbox.write(file, bad);
        sandbox.quietly("plan").failed().says("E0103").says("line 2").says(file);
    }
    let sandbox = Sandbox::with("output \"a\" {\n  value = file(\"b.txt\")\n}\n");
    sandbox.write("b.txt", bad);
    sandbox.quietly("plan").failed().says("main.snap.hcl:2:16");
    let nul = validated("NUL", "main.snap.hcl", "locals {\n  a = \u{0}\n}\n");
    nul.refused("NUL", "E0101", "main.snap.hcl:2:7");
}

#[test]
fn marks_of_other_systems_are_accepted() {
    for (name, text) in [
        ("main.snap.hcl", "\u{feff}output \"a\" {\r\n  value = <<-E\r\n    x\r\n  E\r\n}\r\n"),
        ("main.snap.hcl.json", "\u{feff}{\"output\":\r\n{\"a\": {\"value\": \"x\\n\"}}}\r\n"),
    ] {
        let sandbox = Sandbox::empty();
        sandbox.write(name, text);
        sandbox.quietly("apply -auto-approve").succeeded();
        let value = sandbox.quietly("output -raw a").succeeded().stdout;
        assert_eq!(value.trim_end(), "x", "{name}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_stops_no_run_forever() {
    use std::os::unix::fs::symlink;
    let good = "output \"a\" {\n  value = 1\n}\n";
    let sandbox = Sandbox::with(&format!(
        "{good}output \"b\" {{\n  value = fileset(\"below\", \"**\")\n}}\n"
    ));
    fs::create_dir(sandbox.path("folder.snap.hcl")).unwrap();
    sandbox.write("below/file.txt", "");
    symlink("..", sandbox.path("below/up")).unwrap();
    symlink(".", sandbox.path("here")).unwrap();
    watched(&sandbox.path(""), "links to folders", &["plan"]).accepted("links to folders");
    for (name, make) in [
        ("pipe.snap.hcl", &["mkfifo"][..]),
        ("loop.snap.hcl", &["ln", "-s", "loop.snap.hcl"]),
        ("gone.snap.hcl", &["ln", "-s", "nowhere"]),
    ] {
        let sandbox = Sandbox::with(good);
        let mut command = Command::new(make[0]);
        assert!(command.args(&make[1..]).arg(sandbox.path(name)).status().unwrap().success());
        let ended = watched(&sandbox.path(""), name, &["validate"]);
        ended.refused(name, "E0201", name);
    }
}

#[cfg(unix)]
#[test]
fn lists_of_files_end_and_stay_inside() {
    use std::os::unix::fs::symlink;
    let config = "output \"a\" {\n  value = fileset(\"f0\", \"**\")\n}\n";
    let doubling = Sandbox::with(config);
    for level in 0..40 {
        fs::create_dir(doubling.path(&format!("f{level}"))).unwrap();
        for link in ["x", "y"] {
            let next = format!("../f{}", level + 1);
            symlink(next, doubling.path(&format!("f{level}/{link}"))).unwrap();
        }
    }
    fs::create_dir(doubling.path("f40")).unwrap();
    let ended = watched(&doubling.path(""), "doubling links", &["plan"]);
    ended.refused("doubling links", "E0403", "main.snap.hcl:2:");
    let leaving = Sandbox::with(config);
    fs::create_dir(leaving.path("f0")).unwrap();
    symlink("/", leaving.path("f0/out")).unwrap();
    let ended = watched(&leaving.path(""), "a link outside", &["plan"]);
    ended.refused("a link outside", "E0403", "main.snap.hcl:2:");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::with("locals {}\n");
    fs::set_permissions(sandbox.path("main.snap.hcl"), fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser may read everything.
    if fs::read(sandbox.path("main.snap.hcl")).is_err() {
        sandbox.quietly("validate").failed().says("E0201").says("main.snap.hcl");
    }
}

#[test]
fn modules_that_never_end_are_refused() {
    let call =
        |name: &str, source: &str| format!("module \"{name}\" {{\n  source = \"{source}\"\n}}\n");
    let linked = Sandbox::empty();
    linked.write("main.snap.hcl", call("a", "./loop"));
    std::os::unix::fs::symlink(".", linked.path("loop")).unwrap();
    let ended = watched(&linked.path(""), "a link", &["validate", "-no-color"]);
    ended.refused("a link", "E0223", "main.snap.hcl:2:");

    let doubling = Sandbox::empty();
    for level in 0..20 {
        let next = format!("../m{}", level + 1);
        let text = format!("{}{}", call("a", &next), call("b", &next));
        doubling.write(&format!("m{level}/main.snap.hcl"), text);
    }
    doubling.write("m20/main.snap.hcl", "locals {\n}\n");
    doubling.write("main.snap.hcl", call("a", "./m0"));
    let ended = watched(&doubling.path(""), "doubling", &["validate", "-no-color"]);
    ended.refused("doubling", "E0223", "main.snap.hcl:");
}

#[test]
fn more_instances_than_anybody_wants_are_refused() {
    let text = "resource \"terraform_data\" \"a\" {\n  count = 1000000000\n}\n";
    let ended = validated("count", "main.snap.hcl", text);
    ended.refused("count", "E0805", "main.snap.hcl:2:");
    let sandbox = Sandbox::with(text);
    let ended = watched(&sandbox.path(""), "count", &["plan", "-no-color"]);
    ended.refused("count", "E0805", "main.snap.hcl:2:");
}
