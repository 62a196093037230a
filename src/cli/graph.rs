//! `snapform graph`.

use crate::engine::{Declared, validate};
use crate::graph::Dag;
use crate::plan::{PlanFile, StepKind};

use super::args::{GraphFormat, GraphType};
use super::workbench::{Start, Workbench};
use super::{Done, Exit, args, saved, usage_problem};

/// Prints what needs what, for programs that draw graphs.
pub(super) fn run(start: Start, args: &args::Graph) -> Done {
    let mut workbench = Workbench::for_programs(start, args.world)?;
    let kind = args.kind.unwrap_or(match &args.plan {
        Some(_) => GraphType::Apply,
        None => GraphType::Resources,
    });
    let text = match (kind, &args.plan) {
        (GraphType::Apply, Some(path)) => steps(&saved::read(&workbench, path)?, args.format),
        (GraphType::Apply, None) => {
            return Err(usage_problem(
                "`-type=apply` draws the steps of a saved plan: name it with `-plan=FILE`.",
            ));
        }
        (_, Some(_)) => {
            return Err(usage_problem("`-plan=FILE` goes with `-type=apply` and no other type."));
        }
        (kind, None) => declarations(&mut workbench, kind, args.format)?,
    };
    workbench.start.terminal.text(&text);
    Ok(Exit::Success)
}

fn declarations(
    workbench: &mut Workbench,
    kind: GraphType,
    format: GraphFormat,
) -> Result<String, super::Stop> {
    let (config, _) = workbench.load()?;
    let declarations =
        validate(&workbench.catalog, &config).map_err(|problems| workbench.stop(problems))?;
    Ok(match kind {
        GraphType::Resources => {
            drawn(&declarations.resource_graph().reduced(), format, ToString::to_string)
        }
        GraphType::PlanDestroy => {
            drawn(&declarations.resource_graph().reduced().reversed(), format, ToString::to_string)
        }
        _ => drawn(declarations.graph(), format, |declared: &Declared| declared.to_string()),
    })
}

/// The steps of a plan, each with what it does.
fn steps(file: &PlanFile, format: GraphFormat) -> String {
    let plan = &file.plan;
    drawn(&plan.steps, format, |step| {
        let verb = match step.kind {
            StepKind::Create => "create",
            StepKind::CreateSuccessor => "create the successor of",
            StepKind::Update => "update",
            StepKind::Record => "record",
            StepKind::Delete => "delete",
            StepKind::DeletePredecessor => "delete the predecessor of",
            StepKind::DeleteDeposed => "delete what was left of",
            StepKind::Forget => "forget",
            StepKind::Read => "read",
        };
        let address = plan.changes.get(step.change).map(|change| change.address.to_string());
        format!("{verb} {}", address.unwrap_or_default())
    })
}

fn drawn<N>(graph: &Dag<N>, format: GraphFormat, name: impl Fn(&N) -> String) -> String {
    match format {
        GraphFormat::Dot => graph.dot(name),
        GraphFormat::Mermaid => graph.mermaid(name),
    }
}
