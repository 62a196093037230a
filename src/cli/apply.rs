//! `snapform apply` and `snapform destroy`.

use std::path::Path;
use std::sync::Arc;

use crate::config::Config;
use crate::diag::{Diagnostic, Diagnostics, Severity, code};
use crate::engine::apply::{Applied, Applying, apply};
use crate::engine::{Evaluation, Finals, Variables, recover};
use crate::plan::{Plan, PlanMode};
use crate::state::Session;
use crate::view::{Style, Terminal, render_outputs};
use crate::world::Timestamp;

use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, Stop, args, plan, prompt, saved, signals, variables};

/// Which of the two commands runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `apply`.
    Apply,
    /// `destroy`.
    Destroy,
}

impl Purpose {
    /// The word for the command.
    fn command(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Destroy => "destroy",
        }
    }
}

/// What is carried out.
struct Work {
    plan: Plan,
    config: Config,
    variables: Variables,
    time: Timestamp,
    unsettled: bool,
}

/// Runs `apply` or `destroy`.
pub(super) async fn run(start: Start, mut args: args::Apply, purpose: Purpose) -> Done {
    if purpose == Purpose::Destroy {
        if args.plan.is_some() {
            return Err(super::usage_problem(
                "`destroy` takes no saved plan: apply one made with `plan -destroy`.",
            ));
        }
        if args.scope.refresh_only {
            return Err(super::usage_problem(
                "`destroy` deletes, and `-refresh-only` changes nothing: use `refresh` for that.",
            ));
        }
        args.scope.destroy = true;
    }
    let mut workbench = Workbench::streaming(start, args.world, &args.stream)?;
    workbench.speak(args.words);
    workbench.keep_state_in(args.kept.clone());
    let done = run_in(&mut workbench, purpose, &args).await;
    workbench.conclude(done)
}

async fn run_in(workbench: &mut Workbench, purpose: Purpose, args: &args::Apply) -> Done {
    if args.stream.json && args.plan.is_none() && !args.auto_approve {
        let detail = "With `-json` nobody can be asked for approval.";
        return Err(Diagnostic::error(code::USAGE, detail)
            .help("add `-auto-approve`, or apply a saved plan")
            .into());
    }
    let session = workbench.open(purpose.command(), &args.lock).await?;
    let work = match &args.plan {
        Some(path) => from_file(workbench, &session, path, args)?,
        None => match fresh(workbench, &session, args).await? {
            Some(work) => work,
            None => return Ok(Exit::Failure),
        },
    };
    carry_out(workbench, session, &work, purpose, args.pace.steps()).await
}

fn from_file(
    workbench: &mut Workbench,
    session: &Session,
    path: &Path,
    args: &args::Apply,
) -> Result<Work, Stop> {
    if args.scope.is_given() {
        return Err(super::usage_problem(
            "A saved plan is carried out as it is: options that plan belong to `snapform plan`.",
        ));
    }
    let file = saved::read(workbench, path)?;
    saved::check(workbench, &file, session)?;
    let (files, kept) = saved::contents(&file);
    let config = workbench.decode_saved(&files)?;
    let variables = variables::resolve_saved(workbench, &config, kept, &file)?;
    if let Some(stream) = &workbench.stream {
        stream.changes(&file.plan);
    }
    let unsettled = !recover::unsettled(session).is_empty();
    Ok(Work { plan: file.plan, config, variables, time: file.created, unsettled })
}

/// Plans, shows the plan and asks; `None` where the person did not approve.
async fn fresh(
    workbench: &mut Workbench,
    session: &Session,
    args: &args::Apply,
) -> Result<Option<Work>, Stop> {
    let planning = plan::Planning {
        scope: &args.scope,
        values: &args.values,
        generate_into: None,
        applies_at_once: args.auto_approve,
    };
    let mut planned = plan::make(workbench, session, planning).await?;
    let terminal = Arc::clone(&workbench.start.terminal);
    let knows_something = !planned.plan.changes.is_empty() || !planned.plan.outputs.is_empty();
    if planned.errors.is_none() || knows_something {
        planned.show(workbench);
    }
    if let Some(errors) = planned.errors.take() {
        return Err(workbench.stop(errors));
    }
    terminal.line("");
    let approved = args.auto_approve
        || planned.plan.is_empty()
        || ask(&terminal, planned.plan.mode, workbench, args.values.input).await?;
    if !approved {
        terminal.line("Nothing was changed.");
        return Ok(None);
    }
    Ok(Some(Work {
        plan: planned.plan,
        config: planned.config,
        variables: planned.variables.values,
        time: planned.time,
        unsettled: planned.unsettled,
    }))
}

async fn ask(
    terminal: &Terminal,
    mode: PlanMode,
    workbench: &Workbench,
    input: bool,
) -> Result<bool, Stop> {
    if !input {
        let detail = "This plan changes something, and nobody may be asked for approval.";
        let diagnostic = Diagnostic::error(code::INPUT_MISSING, detail)
            .help("add `-auto-approve`, or save and review a plan with `plan -out=FILE`");
        return Err(workbench.stop(diagnostic.into()));
    }
    let (question, meaning) = match mode {
        PlanMode::Destroy => ("Destroy everything shown above?", "There is no way back."),
        PlanMode::Normal => ("Carry out these actions?", "snapform does what is shown above."),
        PlanMode::RefreshOnly => ("Record what the vendors say?", "Only the state changes."),
    };
    Ok(prompt::approval(terminal, question, meaning).await?)
}

async fn carry_out(
    workbench: &Workbench,
    session: Arc<Session>,
    work: &Work,
    purpose: Purpose,
    parallelism: usize,
) -> Done {
    let terminal = &workbench.start.terminal;
    let engine = workbench.engine(workbench.observer_of(Some(work.plan.steps.len())));
    let folder = working_directory()?;
    let now = engine.world.clock.now();
    let surroundings = workbench.surroundings(&folder, work.time, Some(now));
    let evaluation = Evaluation::new(&work.config, &work.variables, surroundings);
    let finals = Finals::new(&engine, &evaluation, &work.plan, &session.state());
    let applying = Applying { engine: &engine, finals: &finals, parallelism };
    let applied = apply(applying, &work.plan, &session);
    let (tally, mut problems) =
        signals::with_interrupts(applied, &workbench.world.cancel, terminal).await?;
    if work.unsettled || !session.open_intents().is_empty() {
        for intent in session.open_intents() {
            if !problems.iter().any(|problem| problem.code == code::OUTCOME_UNKNOWN) {
                let address = &intent.address.0;
                let detail =
                    format!("Nothing was done for `{address}`: an earlier create is not settled.");
                problems.push(
                    Diagnostic::error(code::UNCERTAIN_INTENT, detail)
                        .address(address)
                        .help("run `snapform recover` to see what is known and to settle it"),
                );
            }
        }
    }
    Ok(conclude(workbench, purpose, &session, &work.plan, tally, &problems))
}

fn conclude(
    workbench: &Workbench,
    purpose: Purpose,
    session: &Session,
    plan: &Plan,
    tally: Applied,
    problems: &Diagnostics,
) -> Exit {
    let mode = plan.mode;
    let terminal = &workbench.start.terminal;
    let failed = problems.has_errors();
    if plan.changes_objects() {
        terminal.line("");
    }
    workbench.tell(problems);
    let state = session.state();
    if let Some(stream) = workbench.stream.as_ref().filter(|_| !failed) {
        let outputs = (purpose == Purpose::Apply).then_some(&state.outputs);
        stream.applied(purpose.command(), tally, plan.imports.len(), outputs);
    }
    let Applied { added, changed, destroyed, forgotten } = tally;
    let forgotten = if forgotten > 0 { format!(", {forgotten} forgotten") } else { String::new() };
    let imported = if plan.imports.is_empty() {
        String::new()
    } else {
        format!("{} imported, ", plan.imports.len())
    };
    let counts = match mode {
        PlanMode::Destroy => format!("Resources: {destroyed} destroyed{forgotten}."),
        _ => format!(
            "Resources: {imported}{added} added, {changed} changed, {destroyed} destroyed{forgotten}."
        ),
    };
    let what = if mode == PlanMode::Destroy { "Destroy" } else { "Apply" };
    let paint = terminal.look.paint;
    if failed {
        terminal.line(&paint.paint(Style::Removed, &format!("{what} is not complete. {counts}")));
        let open = [code::UNCERTAIN_INTENT, code::OUTCOME_UNKNOWN];
        let mut errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
        let only_open = errors.all(|problem| open.contains(&problem.code));
        return if only_open { Exit::Unsettled } else { Exit::Failure };
    }
    terminal.line(&paint.paint(Style::Added, &format!("{what} complete! {counts}")));
    let outputs = &state.outputs;
    if mode != PlanMode::Destroy && !outputs.is_empty() {
        terminal.line(&format!("\n{}\n", paint.strong("Outputs:")));
        terminal.text(&render_outputs(outputs, paint));
    }
    Exit::Success
}
