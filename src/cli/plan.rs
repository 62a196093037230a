//! `snapform plan`.

use std::path::Path;
use std::sync::Arc;

use crate::config::{Config, ConfigFiles};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::engine::planner::PlanOptions;
use crate::engine::{Declarations, Inputs, examine, planner, recover, validate};
use crate::plan::PlanMode;
use crate::state::Session;
use crate::view::render_plan;

use super::planned::Planned;
use super::variables::Resolved;
use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, Stop, args, generate, limits, saved, signals, variables};

impl Planned {
    /// Shows the plan. While a create is not settled, nobody knows whether nothing is to be done.
    pub(super) fn show(&self, workbench: &Workbench) {
        if let Some(stream) = &workbench.stream {
            stream.plan(&self.plan);
        }
        if workbench.only_programs {
            return;
        }
        let terminal = &workbench.start.terminal;
        if self.errors.is_some() {
            if self.plan.changes_objects() {
                terminal.text(&render_plan(&self.plan, workbench.detail(), terminal.look));
                terminal.line(
                    "\nThis plan is not complete and cannot be applied, because of the errors.",
                );
            }
        } else if self.unsettled && self.plan.is_empty() {
            terminal.line("Nothing else is to be done.");
        } else {
            terminal.text(&render_plan(&self.plan, workbench.detail(), terminal.look));
        }
    }
}

/// Runs `plan`.
pub(super) async fn run(start: Start, args: args::Plan) -> Done {
    let mut workbench = Workbench::streaming(start, args.world, &args.stream)?;
    workbench.speak(args.words);
    workbench.keep_state_in(args::StateFiles { state: args.state.clone(), ..Default::default() });
    let done = plan(&mut workbench, &args).await;
    workbench.conclude(done)
}

async fn plan(workbench: &mut Workbench, args: &args::Plan) -> Done {
    let session = workbench.open("plan", &args.lock).await?;
    let planning = Planning {
        scope: &args.scope,
        values: &args.values,
        generate_into: args.generate_config_out.as_deref(),
        applies_at_once: false,
    };
    let mut planned = make(workbench, &session, planning).await?;
    let terminal = Arc::clone(&workbench.start.terminal);
    planned.show(workbench);
    // What cannot be destroyed is told, and there is nothing to look at.
    let worth_a_look = planned.errors.is_none() || planned.plan.mode != PlanMode::Destroy;
    if let Some(path) = args.out.as_ref().filter(|_| worth_a_look) {
        let file = saved::file_of(workbench, &mut planned, &session);
        saved::write(workbench, path, &file)?;
        planned.plan = file.plan;
    }
    if let Some(errors) = planned.errors.take() {
        return Err(workbench.stop(errors));
    }
    let hints = !workbench.start.environment.in_automation() && !args.words.concise;
    if let Some(path) = &args.out {
        let (option, path) = (if workbench.emulates { " -emulate" } else { "" }, path.display());
        if hints {
            terminal.line(&format!("\nSaved the plan to `{path}`. To carry it out, run:"));
            terminal.line(&format!("  snapform apply{option} {path}"));
        } else {
            terminal.line(&format!("\nSaved the plan to `{path}`."));
        }
    } else if hints && !planned.plan.is_empty() {
        terminal
            .line("\nThis plan is not saved: apply makes a new one. Use `-out=FILE` to keep it.");
    }
    let changes = !planned.plan.is_empty() || planned.unsettled;
    // The process is about to end: to take a large plan and its state apart would only take time.
    std::mem::forget(planned);
    Ok(if args.detailed_exitcode && changes { Exit::Changes } else { Exit::Success })
}

/// What to plan, and what for.
#[derive(Clone, Copy)]
pub(super) struct Planning<'a> {
    /// What it covers.
    pub(super) scope: &'a args::Scope,
    /// Values of variables.
    pub(super) values: &'a args::Values,
    /// Where to write blocks for objects that are imported and not declared.
    pub(super) generate_into: Option<&'a Path>,
    /// Whether it is carried out without anybody being asked.
    pub(super) applies_at_once: bool,
}

/// Loads, validates, recovers, refreshes and plans. What could be planned is there even where errors
/// keep the plan from being complete.
pub(super) async fn make(
    workbench: &mut Workbench,
    session: &Session,
    planning: Planning<'_>,
) -> Result<Planned, Stop> {
    let values = planning.values;
    let (mut config, mut files) = workbench.load()?;
    let mut options = options(planning.scope)?;
    let mut generated = Vec::new();
    if let Some(path) = planning.generate_into {
        let variables = variables::resolve(workbench, &config, &files, values)?;
        let endings = files.endings();
        generated = generate::run(workbench, &config, &variables, endings, path).await?;
        (config, files) = workbench.load()?;
    }
    let declarations = checked(workbench, &config)?;
    options.limits = limits::of(workbench, &config, planning.scope)?;
    let variables = variables::resolve(workbench, &config, &files, values)?;
    let made = make_from(workbench, session, (config, files), &declarations, variables, options);
    let (mut planned, problems) = made.await?;
    planned.plan.locate(&workbench.sources);
    if problems.has_errors() {
        planned.errors = Some(problems);
    } else {
        // An apply that follows at once looks at checks again.
        let told = |problem: &Diagnostic| {
            !planning.applies_at_once
                || ![code::CHECK_OPEN, code::CHECK_FAILED].contains(&problem.code)
        };
        workbench.tell(&problems.into_iter().filter(told).collect());
    }
    for block in generated {
        let mut imports = planned.plan.imports.iter_mut();
        if let Some(import) = imports.find(|import| import.address == block.address) {
            import.generated = Some(block.text.trim_end().to_owned());
        }
    }
    Ok(planned)
}

/// What refers to what in a configuration in which that can be told. Where something is wrong, all
/// that is wrong is told.
fn checked(workbench: &Workbench, config: &Config) -> Result<Declarations, Stop> {
    match validate(&workbench.catalog, config) {
        Ok(declarations) => Ok(declarations),
        Err(_) => {
            let folder = working_directory()?;
            let surroundings = workbench.surroundings(&folder, workbench.world.clock.now(), None);
            Err(workbench.stop(examine(&workbench.catalog, config, surroundings).1))
        }
    }
}

async fn make_from(
    workbench: &Workbench,
    session: &Session,
    (config, files): (Config, ConfigFiles),
    declarations: &Declarations,
    variables: Resolved,
    mut options: PlanOptions,
) -> Result<(Planned, Diagnostics), Stop> {
    let terminal = &workbench.start.terminal;
    let engine = workbench.engine(workbench.observer());
    let time = engine.world.clock.now();
    let folder = working_directory()?;
    let recorded = session.state();
    let inputs = |state| Inputs {
        config: &config,
        declarations,
        variables: &variables.values,
        surroundings: workbench.surroundings(&folder, time, None),
        state,
    };
    let recovered = recover::recover(&engine, inputs(&recorded), session).await;
    if recovered.has_errors() {
        return Err(workbench.stop(recovered));
    }
    workbench.tell(&recovered);
    options.unsettled = recover::unsettled(session);
    let unsettled = !options.unsettled.is_empty();
    let asks = !options.trust_state;
    let asked = session.state();
    let planning = planner::plan(&engine, inputs(&asked), &options);
    let (plan, problems) =
        signals::with_interrupts(planning, &workbench.world.cancel, terminal).await?;
    let with_prior = plan.changes.iter().filter(|change| change.prior.is_some());
    if asks && (with_prior.count() > plan.imports.len() || !plan.drift.is_empty()) {
        terminal.line("");
    }
    drop(engine);
    let errors = None;
    Ok((Planned { plan, config, files, variables, time, errors, unsettled }, problems))
}

/// What the options ask for.
fn options(scope: &args::Scope) -> Result<PlanOptions, Stop> {
    let replace = scope
        .replace
        .iter()
        .map(|text| text.parse().map_err(|error| super::address_problem("`-replace`", error)));
    let mode = match (scope.destroy, scope.refresh_only) {
        (true, _) => PlanMode::Destroy,
        (_, true) => PlanMode::RefreshOnly,
        _ => PlanMode::Normal,
    };
    if mode == PlanMode::Destroy && !scope.replace.is_empty() {
        return Err(super::usage_problem(
            "Where everything is destroyed nothing is replaced: leave `-replace` out.",
        ));
    }
    if mode == PlanMode::RefreshOnly && !scope.refresh {
        return Err(super::usage_problem(
            "`-refresh-only` and `-refresh=false` leave nothing to do.",
        ));
    }
    Ok(PlanOptions {
        mode,
        trust_state: !scope.refresh,
        warn_expiry: scope.warn_expiry,
        replace: replace.collect::<Result<_, Stop>>()?,
        ..PlanOptions::default()
    })
}
