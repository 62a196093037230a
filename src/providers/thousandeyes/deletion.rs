//! Forgetting a snapshot, and what a person may let be tried before.

use crate::sdk::http::Poll;
use crate::sdk::{Context, Deletion, ErrorKind, ProviderError};

use super::client::Api;
use super::snapshot::{LAG, Object};

/// Lets a snapshot go. The vendor has no way to delete one. Where a person wants it, the deletion of
/// the test that carries a private one is tried: the vendor's page on deleting tests does not
/// exclude saved events, as the page on changing them does, but nothing says that it works.
pub(super) async fn delete(
    api: &Api,
    cx: &Context,
    prior: &Object,
) -> Result<Deletion, ProviderError> {
    if prior.has_ended(cx.world.clock.now()) {
        return Ok(Deletion::Deleted);
    }
    if prior.is_public() || !api.deletes_tests() {
        return Ok(Deletion::Impossible(farewell(prior)));
    }
    match attempt(api, cx, prior).await {
        Ok(None) => Ok(Deletion::Deleted),
        Ok(Some(reason)) => Ok(Deletion::Impossible(format!("{} {reason}", farewell(prior)))),
        Err(error) if matches!(error.kind, ErrorKind::Refused | ErrorKind::Unsupported) => {
            let reason = format!("Deleting its test was refused: {}", error.message);
            Ok(Deletion::Impossible(format!("{} {reason}", farewell(prior))))
        }
        Err(error) => Err(error),
    }
}

/// Deletes the test that carries a saved event, and gives why it is still there, if it is.
async fn attempt(api: &Api, cx: &Context, prior: &Object) -> Result<Option<String>, ProviderError> {
    let group = prior.account_group_id;
    let listed = async || {
        let tests = api.tests(group).await?;
        Ok(tests.into_iter().find(|test| test.saved_event && test.id == prior.id))
    };
    let Some(test) = listed().await? else {
        return Ok(Some("It is not listed, so its test cannot be deleted.".to_owned()));
    };
    let Some(kind) = test.kind else {
        return Ok(Some("The type of its test is not told, so it cannot be deleted.".to_owned()));
    };
    api.delete_test(group, &kind, &prior.id).await?;
    // The vendor's word alone is not enough: state would forget what is still there.
    let gone = Poll::seconds(2, 15, LAG)
        .until(&cx.world, "Test list", async || {
            let gone: Option<()> = listed().await?.is_none().then_some(());
            Ok(gone)
        })
        .await;
    match gone {
        Ok(()) => Ok(None),
        Err(error) if error.kind == ErrorKind::TimedOut => {
            let reason = "The vendor accepted the deletion of its test, and lists it still.";
            Ok(Some(reason.to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// What people must know when a snapshot leaves state.
fn farewell(prior: &Object) -> String {
    let title = prior.display_name.as_deref().unwrap_or(&prior.id);
    let until = prior.expires_at.map_or_else(
        || "for 30 days from its creation".to_owned(),
        |end| format!("until about {}", end.whole_seconds()),
    );
    if prior.is_public() {
        format!(
            "ThousandEyes offers no way to delete a snapshot. The public snapshot `{title}` stays, \
             and anyone who has its link can read it {until}. Only a person can remove it earlier, \
             in the ThousandEyes user interface."
        )
    } else {
        format!(
            "ThousandEyes offers no way to delete a snapshot. The saved event `{title}` (test {}) \
             stays in its account group {until}. Only a person can remove it earlier, in the \
             ThousandEyes user interface.",
            prior.id
        )
    }
}
