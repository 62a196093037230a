//! What people get besides results: help, completions, manual pages, colours, widths.

use crate::support::Sandbox;

const DATA: &str = r#"
resource "terraform_data" "one" {
  input = "a"
}
"#;

#[test]
fn help_is_the_same_however_it_is_asked_for() {
    let sandbox = Sandbox::empty();
    let help = sandbox.quietly("plan -help").succeeded().stdout;
    assert!(help.contains("Usage: snapform plan") && help.contains("Examples:"));
    for spelling in ["plan -h", "plan --help", "help plan", "-help plan", "-chdir=. help plan"] {
        let other = sandbox.quietly(spelling).succeeded();
        assert_eq!(other.stdout, help, "{spelling}");
        assert!(other.stderr.is_empty());
    }
    let all = sandbox.quietly("help").succeeded().stdout;
    assert_eq!(sandbox.quietly("").exits(127).stdout, all);
    let version = sandbox.quietly("version").succeeded().stdout;
    for spelling in ["-version", "--version", "-v", "-V"] {
        assert_eq!(sandbox.quietly(spelling).succeeded().stdout, version, "{spelling}");
    }
}

#[test]
fn completions_know_every_command() {
    let sandbox = Sandbox::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = sandbox.quietly(&format!("completions {shell}")).succeeded().stdout;
        for word in ["destroy", "completions", "auto-approve", "parallelism"] {
            assert!(text.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let sandbox = Sandbox::empty();
    let page = sandbox.quietly("man").succeeded().stdout;
    assert!(page.contains(".TH snapform 1") && page.contains("snapform plan"));
    sandbox.quietly("man pages/man1").succeeded().says("pages into `pages/man1`.");
    for name in ["snapform", "snapform-plan", "snapform-state", "snapform-state-list"] {
        assert!(sandbox.has(&format!("pages/man1/{name}.1")), "{name}");
    }
    let plan = std::fs::read_to_string(sandbox.path("pages/man1/snapform-plan.1")).unwrap();
    assert!(plan.contains("\\-out") && !plan.contains("\\-\\-out"), "{plan}");
    assert!(plan.contains("tonight.plan"));
    sandbox.write("file", "");
    sandbox.quietly("man file/below").failed();
}

/// Whether the plan of a sandbox has colours.
fn has_colours(sandbox: &Sandbox, command: &str) -> bool {
    sandbox.quietly(command).text().contains('\u{1b}')
}

#[test]
fn colours_are_for_terminals_and_for_those_who_insist() {
    let of = |variables: &[(&str, &str)], command: &str| {
        let sandbox = Sandbox::with(DATA);
        for (name, value) in variables {
            sandbox.env(name, value);
        }
        has_colours(&sandbox, command)
    };
    assert!(!of(&[], "plan"));
    assert!(!of(&[("CLICOLOR", "1")], "plan"));
    assert!(of(&[("CLICOLOR_FORCE", "1")], "plan"));
    assert!(of(&[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")], "plan"));
    assert!(of(&[("CLICOLOR_FORCE", "1"), ("CLICOLOR", "0")], "plan"));
    assert!(!of(&[("CLICOLOR_FORCE", "0")], "plan"));
    assert!(!of(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], "plan"));
    assert!(of(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")], "plan"));
    assert!(!of(&[("CLICOLOR_FORCE", "1")], "plan -no-color"));
    // Problems and help follow the same rules.
    assert!(of(&[("CLICOLOR_FORCE", "1")], "plan -nonsense"));
    assert!(!of(&[("CLICOLOR_FORCE", "1")], "plan -nonsense -no-color"));
    assert!(!of(&[], "plan -nonsense"));
    assert!(of(&[("CLICOLOR_FORCE", "1")], "plan -help"));
    assert!(!of(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], "plan -help"));
}

#[test]
fn lines_are_as_wide_as_the_environment_says() {
    let widest = |columns: &str| {
        let sandbox = Sandbox::empty();
        sandbox.env("COLUMNS", columns);
        let help = sandbox.quietly("plan -help").succeeded().stdout;
        let lines = help.lines().take_while(|line| *line != "Examples:");
        lines.map(|line| line.chars().count()).max().unwrap()
    };
    assert!(widest("60") <= 60);
    assert!((61..=80).contains(&widest("80")));
    assert!(widest("120") > 80);
    // What nobody can mean changes nothing.
    assert_eq!(widest("-3"), widest("100"));
    assert_eq!(widest("1"), widest("60"));
}

#[test]
fn a_log_of_ci_has_the_same_lines_as_a_pipe_where_nothing_takes_long() {
    let lines = |variable: Option<&str>| {
        let sandbox = Sandbox::with(DATA);
        if let Some(name) = variable {
            sandbox.env(name, "true");
        }
        let text = sandbox.quietly("apply -auto-approve").succeeded().stdout;
        text.lines().filter(|line| line.starts_with("terraform_data.one: ")).count()
    };
    assert_eq!((lines(None), lines(Some("CI")), lines(Some("TF_IN_AUTOMATION"))), (2, 2, 2));
}

#[test]
fn a_slow_create_is_told_again_and_again_except_in_ci() {
    let told = |variable: Option<&str>| {
        let sandbox = Sandbox::with(
            "resource \"openstack_compute_snapshot\" \"daily\" {\n  volume_id = \
             \"521752a6-acf6-4b2d-bc7a-119f9148cd8c\"\n}\n",
        );
        if let Some(name) = variable {
            sandbox.env(name, "true");
        }
        sandbox.quietly("emulator knobs openstack.create_seconds=120").succeeded();
        let text = sandbox.quietly("apply -emulate -auto-approve").succeeded().stdout;
        text.lines().filter(|line| line.contains(": creating [")).count()
    };
    assert!((5..=12).contains(&told(None)), "{}", told(None));
    assert_eq!(told(Some("CI")), 1);
}
