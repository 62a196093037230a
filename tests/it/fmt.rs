//! `fmt`: what it lists, writes and leaves alone.

use crate::support::{Sandbox, tells};

const UNTIDY: &str = "a   =   1\nbb=2 # two\n";
const TIDY: &str = "a  = 1\nbb = 2 # two\n";

/// Files of every kind in folders of every kind.
fn folders() -> Sandbox {
    let sandbox = Sandbox::empty();
    for name in [
        "main.snap.hcl",
        "other.tf",
        "some.tfvars",
        "some.tftest.hcl",
        "below/deeper/main.tf",
        "folder.tf/main.tf",
        "other.hcl",
        "other.tf.json",
        ".hidden.tf",
        "copy.tf~",
        "#copy.tf#",
        ".terraform/main.tf",
    ] {
        sandbox.write(name, UNTIDY);
    }
    sandbox.write("tidy.tf", TIDY);
    sandbox
}

/// Names of the files that are laid out.
fn tidy(sandbox: &Sandbox) -> Vec<String> {
    let files = sandbox.files();
    let tidy = files.into_iter().filter(|(_, text)| text == TIDY.as_bytes());
    let root = sandbox.path("");
    tidy.map(|(name, _)| name.strip_prefix(&root).unwrap().display().to_string()).collect()
}

#[test]
fn checks_list_and_change_nothing() {
    let sandbox = folders();
    sandbox.run("fmt -check").exits(3);
    sandbox.run("fmt -check -recursive").exits(3);
    sandbox.run("fmt -check -list=false").exits(3);
    sandbox.run("fmt -check -diff other.tf below/deeper").exits(3);
    sandbox.run("fmt -check tidy.tf").exits(0);
    sandbox.run("fmt -write=false").exits(0);
    sandbox.run("fmt -write=false -list=false other.tf tidy.tf").exits(0);
    assert_eq!(tidy(&sandbox), ["tidy.tf"]);
    tells!(sandbox);
}

#[test]
fn files_are_written_where_they_differ() {
    let sandbox = folders();
    sandbox.run("fmt").exits(0);
    let here = ["main.snap.hcl", "other.tf", "some.tftest.hcl", "some.tfvars", "tidy.tf"];
    assert_eq!(tidy(&sandbox), here);
    sandbox.run("fmt -check").exits(0);
    sandbox.run("fmt -recursive").exits(0);
    sandbox.run("fmt -recursive -check").exits(0);
    assert_eq!(tidy(&sandbox).len(), 7);
    tells!(sandbox);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let sandbox = Sandbox::empty();
    sandbox.types(UNTIDY);
    sandbox.run("fmt -").exits(0);
    sandbox.types(UNTIDY);
    sandbox.run("fmt -check -").exits(3);
    sandbox.types(UNTIDY);
    sandbox.run("fmt -diff -").exits(0);
    sandbox.types("a = (\n");
    sandbox.run("fmt -").exits(2);
    sandbox.run("fmt - main.tf").exits(1);
    tells!(sandbox);
}

#[test]
fn what_cannot_be_read_stays_and_is_told_and_the_rest_is_done() {
    let sandbox = Sandbox::empty();
    sandbox.write("a.tf", "a   = 1 +\nb   = [1,\n  2)\n");
    sandbox.write("b.tf", b"a   =  \"\xff\"\n");
    sandbox.write("c.tf", UNTIDY);
    sandbox.write("d.hcl", UNTIDY);
    let before = sandbox.read("a.tf");
    sandbox.run("fmt").exits(2);
    sandbox.run("fmt nowhere d.hcl").exits(2);
    assert_eq!(sandbox.read("a.tf"), before);
    assert_eq!(sandbox.read("c.tf"), TIDY);
    tells!(sandbox);
}

#[test]
fn line_ends_and_the_end_of_a_file_stay() {
    for (untidy, tidy) in [
        ("a   = 1\r\nbb = 2\r\n", "a  = 1\r\nbb = 2\r\n"),
        ("a   = 1", "a = 1"),
        ("a   = 1\n\n\n", "a = 1\n\n\n"),
        ("\u{feff}a = 1\n", "a = 1\n"),
        ("a = 1 \t", "a = 1  "),
    ] {
        let sandbox = Sandbox::empty();
        sandbox.write("main.tf", untidy);
        sandbox.quietly("fmt").exits(0);
        assert_eq!(sandbox.read("main.tf"), tidy);
        sandbox.quietly("fmt -check").exits(0);
    }
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_links_stay_links() {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let sandbox = Sandbox::empty();
    sandbox.write("below/main.tf", UNTIDY);
    symlink("below/main.tf", sandbox.path("link.tf")).unwrap();
    let mode = |wanted| {
        fs::set_permissions(sandbox.path("below/main.tf"), fs::Permissions::from_mode(wanted))
    };
    mode(0o640).unwrap();
    sandbox.quietly("fmt").exits(0).says("link.tf");
    assert_eq!(sandbox.read("below/main.tf"), TIDY);
    assert!(fs::symlink_metadata(sandbox.path("link.tf")).unwrap().is_symlink());
    let found = fs::metadata(sandbox.path("below/main.tf")).unwrap().permissions();
    assert_eq!(found.mode() & 0o777, 0o640);
    sandbox.write("below/main.tf", UNTIDY);
    mode(0o440).unwrap();
    // What the system lets nobody write stays; the administrator may write anything.
    let may_write = fs::OpenOptions::new().write(true).open(sandbox.path("below/main.tf")).is_ok();
    if may_write {
        sandbox.quietly("fmt").exits(0);
        assert_eq!(sandbox.read("below/main.tf"), TIDY);
    } else {
        sandbox.quietly("fmt").exits(2).says("E1006");
        assert_eq!(sandbox.read("below/main.tf"), UNTIDY);
    }
}

#[cfg(unix)]
#[test]
fn circles_of_links_and_what_is_no_file_end_no_run_late() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::empty();
    sandbox.write("below/main.tf", UNTIDY);
    symlink("..", sandbox.path("below/up")).unwrap();
    symlink("self.tf", sandbox.path("self.tf")).unwrap();
    symlink("nowhere", sandbox.path("gone.tf")).unwrap();
    symlink("below", sandbox.path("folder.tf")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(sandbox.path("pipe.tf")).status();
    assert!(made.unwrap().success());
    sandbox.run("fmt -recursive").exits(2);
    assert_eq!(sandbox.read("below/main.tf"), TIDY);
    tells!(sandbox);
}
