//! `snapform plan`.

use std::path::Path;
use std::sync::Arc;

use crate::config::{Config, ConfigFiles};
use crate::engine::planner::PlanOptions;
use crate::engine::{Declarations, Inputs, examine, planner, recover, validate};
use crate::plan::PlanMode;
use crate::state::Session;
use crate::view::render_plan;

use super::planned::Planned;
use super::variables::Resolved;
use super::workbench::{Start, Workbench, working_directory};
use super::{Done, Exit, Stop, args, generate, saved, signals, variables};

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
                terminal.text(&render_plan(&self.plan, terminal.look));
                terminal.line(
                    "\nThis plan is not complete and cannot be applied, because of the errors.",
                );
            }
        } else if self.unsettled && self.plan.is_empty() {
            terminal.line("Nothing else is to be done.");
        } else {
            terminal.text(&render_plan(&self.plan, terminal.look));
        }
    }
}

/// Runs `plan`.
pub(super) async fn run(start: Start, args: args::Plan) -> Done {
    let mut workbench = Workbench::streaming(start, args.world, &args.stream)?;
    let done = plan(&mut workbench, &args).await;
    workbench.conclude(done)
}

async fn plan(workbench: &mut Workbench, args: &args::Plan) -> Done {
    let mut session = workbench.open("plan", &args.lock).await?;
    let mut planned = make(
        workbench,
        &mut session,
        &args.scope,
        &args.values,
        args.generate_config_out.as_deref(),
    )
    .await?;
    let terminal = Arc::clone(&workbench.start.terminal);
    planned.show(workbench);
    if let Some(path) = &args.out {
        let file = saved::file_of(workbench, &planned, &session);
        saved::write(path, &file)?;
    }
    if let Some(errors) = planned.errors.take() {
        return Err(workbench.stop(errors));
    }
    if let Some(path) = &args.out {
        let chdir = if workbench.emulates { " --emulate" } else { "" };
        terminal.line(&format!("\nSaved the plan to `{}`. To carry it out, run:", path.display()));
        terminal.line(&format!("  snapform apply{chdir} {}", path.display()));
    } else if !planned.plan.is_empty() {
        terminal
            .line("\nThis plan is not saved: apply makes a new one. Use `-out=FILE` to keep it.");
    }
    let changes = !planned.plan.is_empty() || planned.unsettled;
    // The process is about to end: to take a large plan and its state apart would only take time.
    session.close();
    std::mem::forget(planned);
    Ok(if args.detailed_exitcode && changes { Exit::Changes } else { Exit::Success })
}

/// Loads, validates, recovers, refreshes and plans. What could be planned is there even where errors
/// keep the plan from being complete.
pub(super) async fn make(
    workbench: &mut Workbench,
    session: &mut Session,
    scope: &args::Scope,
    values: &args::Values,
    generate_into: Option<&Path>,
) -> Result<Planned, Stop> {
    let (mut config, mut files) = workbench.load()?;
    let options = options(scope)?;
    let mut generated = Vec::new();
    if let Some(path) = generate_into {
        let variables = variables::resolve(workbench, &config, &files, values)?;
        let endings = files.endings();
        generated = generate::run(workbench, &config, &variables, endings, path).await?;
        (config, files) = workbench.load()?;
    }
    let declarations = checked(workbench, &config)?;
    let variables = variables::resolve(workbench, &config, &files, values)?;
    let mut planned =
        make_from(workbench, session, (config, files), &declarations, variables, options).await?;
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
    session: &mut Session,
    (config, files): (Config, ConfigFiles),
    declarations: &Declarations,
    variables: Resolved,
    mut options: PlanOptions,
) -> Result<Planned, Stop> {
    let terminal = &workbench.start.terminal;
    let engine = workbench.engine(workbench.observer());
    let time = engine.world.clock.now();
    let folder = working_directory()?;
    let recorded = session.shared_state();
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
    let planning = planner::plan(&engine, inputs(session.state()), &options);
    let (plan, problems) =
        signals::with_interrupts(planning, &workbench.world.cancel, terminal).await?;
    let with_prior = plan.changes.iter().filter(|change| change.prior.is_some());
    if asks && (with_prior.count() > plan.imports.len() || !plan.drift.is_empty()) {
        terminal.line("");
    }
    drop(engine);
    let errors = if problems.has_errors() {
        Some(problems)
    } else {
        workbench.tell(&problems);
        None
    };
    Ok(Planned { plan, config, files, variables, time, errors, unsettled })
}

/// What the options ask for.
fn options(scope: &args::Scope) -> Result<PlanOptions, Stop> {
    let targets = scope
        .target
        .iter()
        .map(|text| text.parse().map_err(|error| super::address_problem("`-target`", error)));
    let replace = scope
        .replace
        .iter()
        .map(|text| text.parse().map_err(|error| super::address_problem("`-replace`", error)));
    let mode = match (scope.destroy, scope.refresh_only) {
        (true, _) => PlanMode::Destroy,
        (_, true) => PlanMode::RefreshOnly,
        _ => PlanMode::Normal,
    };
    if mode == PlanMode::RefreshOnly && !scope.refresh {
        return Err(super::usage_problem(
            "`-refresh-only` and `-refresh=false` leave nothing to do.",
        ));
    }
    Ok(PlanOptions {
        mode,
        trust_state: !scope.refresh,
        targets: targets.collect::<Result<_, Stop>>()?,
        replace: replace.collect::<Result<_, Stop>>()?,
        ..PlanOptions::default()
    })
}
