//! `snapform state replace-provider`.

use crate::addr::ProviderName;
use crate::diag::{Diagnostic, code};
use crate::view::counted;

use super::super::workbench::{Start, Workbench};
use super::super::{Done, Exit, Stop, args, prompt};
use super::{exists, save, settled};

/// Gives the resources of one provider to another one.
pub(super) async fn run(start: Start, args: args::ReplaceProvider) -> Done {
    let mut workbench = Workbench::new(start, args.change.world)?;
    workbench.keep_state_in(args.file.clone().into());
    let from = name(&args.from)?;
    let to = name(&args.to)?;
    let session = workbench.open("state replace-provider", &args.change.lock).await?;
    exists(&workbench, &session)?;
    let resources = session.state().resources_of(&from);
    let terminal = std::sync::Arc::clone(&workbench.start.terminal);
    if resources.is_empty() || from == to {
        let why = if from == to {
            format!("Both are the provider `{to}`: where one comes from does not count here.")
        } else {
            format!("State holds nothing of the provider `{from}`.")
        };
        terminal.line(&format!("{why} Nothing was changed."));
        return Ok(Exit::Success);
    }
    if workbench.catalog.provider(&to.0).is_none() {
        let detail = format!("There is no provider `{to}`.");
        return Err(workbench.stop(
            Diagnostic::error(code::UNKNOWN_PROVIDER, detail)
                .did_you_mean(&to.0, workbench.catalog.provider_names())
                .into(),
        ));
    }
    settled(&workbench, &session, |address| resources.contains(&address.resource))?;
    terminal.line(&format!("These resources go from `{from}` to `{to}`:\n"));
    for resource in &resources {
        terminal.line(&format!("  {resource}"));
    }
    terminal.line("");
    let approved = args.auto_approve
        || prompt::approval(&terminal, "Change the state?", "Nothing is done at the vendors.")
            .await?;
    if !approved {
        terminal.line("Nothing was changed.");
        return Ok(Exit::Failure);
    }
    session.edit(|state| state.give_to(&resources, &to));
    save(&workbench, &session).await?;
    terminal.line(&format!("{} changed.", counted(resources.len(), "resource")));
    Ok(Exit::Success)
}

/// The name of a provider that was typed as a name or as a source such as `HOST/NAMESPACE/NAME`.
fn name(text: &str) -> Result<ProviderName, Stop> {
    let parts: Vec<_> = text.split('/').collect();
    let is_word = |part: &&str| {
        !part.is_empty()
            && part.chars().all(|letter| letter.is_alphanumeric() || "-_.:".contains(letter))
    };
    match parts.last() {
        Some(last) if parts.len() <= 3 && parts.iter().all(is_word) => {
            Ok(ProviderName((*last).into()))
        }
        _ => Err(super::super::usage_problem(format!(
            "`{text}` is no provider: write its name, or a source such as HOST/NAMESPACE/NAME."
        ))),
    }
}
