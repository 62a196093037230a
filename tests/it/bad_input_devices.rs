//! Pipes, devices, links and folders where files are expected, and much that is wrong on one line.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::bad_input_extremes::{Ended, watched};
use crate::support::Sandbox;

const PLAIN: &str = "output \"a\" {\n  value = 1\n}\n";

/// Makes what is no file at a place.
type Make = fn(&Path);

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn endless(path: &Path) {
    std::os::unix::fs::symlink("/dev/zero", path).unwrap();
}

fn itself(path: &Path) {
    std::os::unix::fs::symlink(path.file_name().unwrap(), path).unwrap();
}

fn folder(path: &Path) {
    fs::create_dir(path).unwrap();
}

const ALL: [(&str, Make); 4] =
    [("a pipe", pipe), ("a device", endless), ("a link to itself", itself), ("a folder", folder)];

/// What was told is an error, and names the file.
fn refused(ended: &Ended, name: &str, file: &str) {
    assert!(matches!(ended.code, Some(1 | 2)), "{name}: {:?} {}", ended.code, ended.told);
    assert!(ended.told.contains("error"), "{name}: {}", ended.told);
    assert!(ended.told.contains(file), "{name}: {}", ended.told);
}

#[test]
fn what_is_no_file_is_no_configuration() {
    for (name, make) in ALL {
        for file in ["main.snap.hcl", "main.snap.hcl.json"] {
            let sandbox = Sandbox::empty();
            make(&sandbox.path(file));
            for command in ["validate", "plan", "console"] {
                let ended = watched(&sandbox.path(""), name, &[command, "-no-color"]);
                // A folder with such a name is passed over, and then there is no configuration.
                let told = if name == "a folder" { "E0202" } else { file };
                refused(&ended, name, told);
            }
        }
    }
}

#[test]
fn what_is_no_file_holds_no_variables() {
    for (name, make) in ALL {
        let sandbox = Sandbox::with("variable \"a\" {\n  default = 1\n}\n");
        make(&sandbox.path("more.tfvars"));
        let words = ["plan", "-no-color", "-var-file=more.tfvars"];
        refused(&watched(&sandbox.path(""), name, &words), name, "more.tfvars");
        if name != "a folder" {
            make(&sandbox.path("terraform.tfvars"));
            let ended = watched(&sandbox.path(""), name, &["plan", "-no-color"]);
            refused(&ended, name, "terraform.tfvars");
        }
    }
}

#[test]
fn what_is_no_file_is_no_state_and_no_plan() {
    for (name, make) in ALL {
        let sandbox = Sandbox::with(PLAIN);
        fs::create_dir_all(sandbox.path("state/default")).unwrap();
        make(&sandbox.path("state/default/state.json"));
        for words in [&["plan"][..], &["console"], &["show"], &["state", "list"]] {
            refused(&watched(&sandbox.path(""), name, words), name, "state");
        }
        let sandbox = Sandbox::with(PLAIN);
        make(&sandbox.path("saved.snapplan"));
        for words in [["apply", "saved.snapplan"], ["show", "saved.snapplan"]] {
            refused(&watched(&sandbox.path(""), name, &words), name, "saved.snapplan");
        }
    }
}

#[test]
fn what_is_no_file_is_nothing_to_functions() {
    for (name, make) in ALL {
        for call in ["file(\"b\")", "templatefile(\"b\", {})", "filesha256(\"b\")"] {
            let sandbox = Sandbox::with(&format!("output \"a\" {{\n  value = {call}\n}}\n"));
            make(&sandbox.path("b"));
            for command in ["validate", "plan"] {
                let ended = watched(&sandbox.path(""), name, &[command, "-no-color"]);
                ended.refused(name, "E0403", "main.snap.hcl:2:");
            }
        }
    }
}

#[test]
fn what_is_no_folder_is_neither_a_place_to_run_in_nor_a_module() {
    let call = "module \"a\" {\n  source = \"./b\"\n}\n";
    for (name, make) in ALL.into_iter().filter(|(name, _)| *name != "a folder") {
        let sandbox = Sandbox::with(call);
        make(&sandbox.path("b"));
        let words = ["-chdir=b", "validate", "-no-color"];
        refused(&watched(&sandbox.path(""), name, &words), name, "`b` cannot be entered");
        let ended = watched(&sandbox.path(""), name, &["validate", "-no-color"]);
        ended.refused(name, "E0223", "main.snap.hcl:2:");
    }
}

#[test]
fn files_outside_are_not_read_by_any_way_around() {
    let outside = Sandbox::empty();
    outside.write("secret", "hunter2");
    let place = outside.path("");
    let place = place.to_str().unwrap().trim_end_matches('/');
    for path in
        [&format!("{place}/secret"), "link", "folder/secret", "below/../../../../../etc/passwd"]
    {
        for function in ["file", "filebase64", "fileexists"] {
            let text = format!("output \"a\" {{\n  value = {function}(\"{path}\")\n}}\n");
            let sandbox = Sandbox::with(&text);
            fs::create_dir(sandbox.path("below")).unwrap();
            std::os::unix::fs::symlink(place, sandbox.path("folder")).unwrap();
            let link = sandbox.path("link");
            std::os::unix::fs::symlink(format!("{place}/secret"), link).unwrap();
            let ended = watched(&sandbox.path(""), path, &["plan", "-no-color"]);
            ended.refused(path, "E0403", "main.snap.hcl:2:");
            assert!(!ended.told.contains("hunter2"), "{}", ended.told);
        }
    }
}

#[test]
fn a_template_in_a_file_is_bounded_like_any_other() {
    let sandbox = Sandbox::with("output \"a\" {\n  value = templatefile(\"a.tpl\", {})\n}\n");
    let nested =
        |depth: usize| format!("{}x{}", "%{ if true }".repeat(depth), "%{ endif }".repeat(depth));
    for command in ["validate", "plan"] {
        sandbox.write("a.tpl", nested(300));
        watched(&sandbox.path(""), "in each other", &[command]).accepted("in each other");
        sandbox.write("a.tpl", nested(100_000));
        let ended = watched(&sandbox.path(""), "too deep", &[command, "-no-color"]);
        ended.refused("too deep", "E0307", "main.snap.hcl:2:");
        sandbox.write("a.tpl", "${templatefile(\"a.tpl\", {})}");
        let ended = watched(&sandbox.path(""), "itself", &[command, "-no-color"]);
        ended.refused("itself", "E0307", "main.snap.hcl:2:");
        sandbox.write("a.tpl", "${1}".repeat(1_000_100));
        let ended = watched(&sandbox.path(""), "sequences", &[command, "-no-color"]);
        ended.refused("sequences", "E0307", "main.snap.hcl:2:");
    }
}

/// Each problem is shown with its line, and each time that line is gone through.
#[test]
fn many_problems_on_one_line_are_told_soon() {
    let count = if cfg!(debug_assertions) { 3_000 } else { 30_000 };
    for (name, item) in [("names", "var.x, "), ("words of many bytes", "var.é, ")] {
        let text = format!("locals {{\n  a = [{}]\n}}\n", item.repeat(count));
        let sandbox = Sandbox::with(&text);
        let ended = watched(&sandbox.path(""), name, &["validate", "-no-color"]);
        ended.refused(name, "E0301", "main.snap.hcl:2:");
        let ended = watched(&sandbox.path(""), name, &["validate", "-json"]);
        assert_eq!(ended.code, Some(1), "{name}");
        assert!(ended.told.contains(&format!("\"error_count\": {count}")), "{name}");
        assert!(ended.told.len() < 100_000_000, "{name}: {} bytes", ended.told.len());
    }
}

#[test]
fn what_was_meant_is_looked_for_among_few_names() {
    let count = if cfg!(debug_assertions) { 1_000 } else { 20_000 };
    let names = (0..count).map(|number| format!("  a{number} = local.b{number}\n"));
    let text = format!("locals {{\n{}}}\n", names.collect::<String>());
    let sandbox = Sandbox::with(&text);
    let ended = watched(&sandbox.path(""), "names", &["validate", "-no-color"]);
    assert_eq!(ended.code, Some(1), "{}", ended.told.len());
    let long = "a".repeat(200_000);
    let sandbox = Sandbox::with(&format!("locals {{\n  {long} = 1\n  b = local.{long}a\n}}\n"));
    let ended = watched(&sandbox.path(""), "long names", &["validate", "-no-color"]);
    assert_eq!(ended.code, Some(1), "{}", ended.told.len());
}

#[test]
fn more_values_than_memory_holds_are_refused() {
    let sandbox = Sandbox::empty();
    let values = format!("{{\"locals\": {{\"a\":\n[{}1]}}}}", "1,".repeat(2_000_100));
    sandbox.write("main.snap.hcl.json", values);
    let ended = watched(&sandbox.path(""), "JSON", &["validate", "-no-color"]);
    ended.refused("JSON", "E0102", "main.snap.hcl.json:2:");
    let sandbox = Sandbox::with("variable \"a\" {\n}\n");
    let length = if cfg!(debug_assertions) { 2 } else { 11 } * 1024 * 1024;
    sandbox.write("terraform.tfvars", format!("a = [{}1]\n", "1,".repeat(length)));
    let ended = watched(&sandbox.path(""), "a list", &["plan", "-no-color", "-input=false"]);
    ended.refused("a list", "E0102", "terraform.tfvars:1:");
}
