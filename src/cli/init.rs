//! `snapform init`: a quick check. There is nothing to download and nothing to write.

use anyhow::Context as _;
use serde_json::{Value as Json, json};

use crate::config::Loader;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::engine::examine;
use crate::view::{Style, counted, validation_json};

use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, Stop, args};

/// Checks configuration and state, as far as that needs no credentials and no network.
pub(super) fn run(start: Start, args: &args::Init) -> Done {
    if args.from_module.is_some() {
        return Err(super::usage_problem(
            "`-from-module` is not supported: copy the module's files here, then run `init`.",
        ));
    }
    if args.json {
        return for_programs(start, args);
    }
    let mut workbench = Workbench::new(start, args.world)?;
    let lines = check(&mut workbench, args)?;
    let terminal = &workbench.start.terminal;
    let (last, before) = lines.split_last().map_or(("", &[][..]), |(last, all)| (&**last, all));
    for line in before {
        terminal.line(line);
    }
    terminal.line(&terminal.look.paint.paint(Style::Added, last));
    Ok(Exit::Success)
}

/// What there is to say, line by line; the last one says how it ended.
fn check(workbench: &mut Workbench, args: &args::Init) -> Result<Vec<String>, Stop> {
    workbench.tell(&without_effect(args));
    let files = Loader::new(".").load().map_err(|problems| workbench.stop(problems))?;
    if files.files.is_empty() {
        return Ok(vec![
            "This folder holds no configuration yet: write a `*.snap.hcl` or a `*.tf` file."
                .to_owned(),
            "Ready for one.".to_owned(),
        ]);
    }
    let (config, _) = workbench.load()?;
    let folder = working_directory()?;
    let surroundings = workbench.surroundings(&folder, workbench.world.clock.now(), None);
    let found = examine(&workbench.catalog, &config, surroundings).1;
    if found.has_errors() {
        return Err(workbench.stop(found));
    }
    workbench.tell(&found);
    let session = workbench.look()?;
    let resources =
        counted(config.modules().map(|(_, found)| found.module.resources.len()).sum(), "resource");
    let objects = counted(session.state().instances().count(), "instance");
    let mut lines =
        vec![format!("{resources} declared; {objects} in state at `{}`.", session.place())];
    let option = if workbench.emulates { " --emulate" } else { "" };
    lines.push(if workbench.start.environment.in_automation() {
        "Ready: providers are built in.".to_owned()
    } else {
        format!("Ready: providers are built in. Next: `snapform plan{option}`.")
    });
    Ok(lines)
}

/// Options that ask for something that is not done.
fn without_effect(args: &args::Init) -> Diagnostics {
    let mut found = Diagnostics::default();
    let mut warn = |detail: &str| {
        found.push(Diagnostic::warning(code::OPTION_WITHOUT_EFFECT, detail));
    };
    if !args.backend_config.is_empty() {
        warn("`-backend-config` has no effect: the state is kept below the configuration.");
    }
    if !args.plugin_dir.is_empty() {
        warn("`-plugin-dir` has no effect: providers are built in.");
    }
    found
}

/// The same as a stream of JSON, one message a line.
fn for_programs(start: Start, args: &args::Init) -> Done {
    let mut workbench = Workbench::for_programs(start, args.world)?;
    workbench.gather();
    let version = env!("CARGO_PKG_VERSION");
    let hello = json!({ "type": "version", "snapform": version, "ui": "1.2" });
    say(&workbench, "info", &format!("snapform {version}"), hello);
    let (lines, exit, mut found) = match check(&mut workbench, args) {
        Ok(lines) => (lines, Exit::Success, Diagnostics::default()),
        Err(Stop::Diagnostics(problems)) => (Vec::new(), Exit::Failure, problems.0),
        Err(other) => return Err(other),
    };
    found.extend(workbench.gathered());
    let json = validation_json(&found, &workbench.sources)
        .context("the problems cannot be written as JSON")?;
    let json: Json = serde_json::from_str(&json).context("the problems cannot be read back")?;
    for problem in json["diagnostics"].as_array().into_iter().flatten() {
        let severity = problem["severity"].as_str().unwrap_or("error");
        let level = if severity == "warning" { "warn" } else { "error" };
        let message = problem["summary"].as_str().unwrap_or_default();
        let about = json!({ "type": "diagnostic", "diagnostic": problem });
        say(&workbench, level, &format!("{severity}: {message}"), about);
    }
    let last = lines.len().saturating_sub(1);
    for (position, line) in lines.iter().enumerate() {
        let code = if position == last { "output_init_success_message" } else { "init_message" };
        let about = json!({ "type": "init_output", "message_code": code });
        say(&workbench, "info", line, about);
    }
    Ok(exit)
}

fn say(workbench: &Workbench, level: &str, message: &str, mut about: Json) {
    about["@level"] = level.into();
    about["@message"] = message.into();
    about["@module"] = "snapform.ui".into();
    about["@timestamp"] = workbench.world.clock.now().to_string().into();
    workbench.start.terminal.line(&about.to_string());
}
