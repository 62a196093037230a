//! `snapform init`: a quick check, and where states are kept. There is nothing to download.

use crate::config::Loader;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::engine::examine;
use crate::state::Kept;
use crate::view::{Style, counted};

use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, Stop, args, migrate};

/// Checks configuration and state, as far as that needs no credentials and no network.
pub(super) async fn run(start: Start, args: &args::Init) -> Done {
    if args.from_module.is_some() {
        return Err(super::usage_problem(
            "`-from-module` is not supported: copy the module's files here, then run `init`.",
        ));
    }
    let stream = args::Stream {
        json: args.json,
        json_into: None,
        secrets: args::Secrets { show_sensitive: false },
    };
    let mut workbench = Workbench::streaming(start, args.world, &stream)?;
    workbench.speak(args.warnings);
    let done = check(&mut workbench, args).await.map(|lines| tell(&workbench, &lines));
    workbench.conclude(done)
}

fn tell(workbench: &Workbench, lines: &[String]) -> Exit {
    let terminal = &workbench.start.terminal;
    for (position, line) in lines.iter().enumerate() {
        let is_last = position + 1 == lines.len();
        if let Some(stream) = &workbench.stream {
            let code = if is_last { "output_init_success_message" } else { "init_message" };
            stream.init_output(code, line);
        }
        if is_last {
            terminal.line(&terminal.look.paint.paint(Style::Added, line));
        } else {
            terminal.line(line);
        }
    }
    Exit::Success
}

/// What there is to say, line by line; the last one says how it ended.
async fn check(workbench: &mut Workbench, args: &args::Init) -> Result<Vec<String>, Stop> {
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
    let settled = migrate::settle(workbench, args).await?;
    if config.root().settings.backend.is_none() && !args.backend_config.is_empty() {
        let detail = "`-backend-config` has no effect: the configuration has no `backend` block.";
        workbench.tell(&Diagnostic::warning(code::OPTION_WITHOUT_EFFECT, detail).into());
    }
    let session = workbench.look().await?;
    let resources =
        counted(config.modules().map(|(_, found)| found.module.resources.len()).sum(), "resource");
    let objects = counted(session.state().instances().count(), "instance");
    let encrypted = match (workbench.kept().await?, workbench.keys.seals()) {
        (Kept::Sealed, _) => "encrypted",
        (Kept::Nowhere | Kept::Clear, Ok(true)) => "encrypted from the next save on",
        _ => "not encrypted",
    };
    let place = session.place();
    let mut lines: Vec<_> = settled.into_iter().collect();
    lines.push(format!("{resources} declared; {objects} in state at `{place}`, {encrypted}."));
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
    if !args.plugin_dir.is_empty() {
        warn("`-plugin-dir` has no effect: providers are built in.");
    }
    found
}
