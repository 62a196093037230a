//! Planned changes.

use serde::{Serialize, Serializer};

use crate::addr::InstanceAddr;
use crate::plan::{Action, Cause, Change, Drift, OutputChange, Reason, ReplaceOrder};
use crate::state::{DeposedKey, Text};
use crate::value::{Path, PathSegment, Value};

use super::resources::{Index, mode};
use super::values::{Plain, Secrets, Shape};

/// One object that changes or stays. The keys and their order are Terraform's.
#[derive(Serialize)]
pub(super) struct ChangeDocument<'a> {
    address: Text<&'a InstanceAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_address: Option<Text<&'a InstanceAddr>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module_address: Option<String>,
    mode: &'static str,
    #[serde(rename = "type")]
    type_name: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<Index>,
    provider_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposed: Option<&'a DeposedKey>,
    change: Values<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_reason: Option<&'static str>,
    /// Ours: what in the source makes the change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<CauseDocument<'a>>,
}

/// An argument or a setting that makes a change, and where it is written.
#[derive(Serialize)]
struct CauseDocument<'a> {
    argument: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    references: &'a [String],
}

impl<'a> CauseDocument<'a> {
    fn of(cause: &'a Cause) -> Self {
        let place = cause.place.as_ref();
        Self {
            argument: &cause.argument,
            filename: place.map(|place| place.file.as_str()),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            references: &cause.mentions,
        }
    }
}

/// What was and what will be.
#[derive(Serialize)]
pub(super) struct Values<'a> {
    actions: &'static [&'static str],
    before: Side<'a>,
    /// Left out where nothing of it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Side<'a>>,
    after_unknown: Unknown<'a>,
    before_sensitive: Sensitive<'a>,
    after_sensitive: Sensitive<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "paths")]
    replace_paths: &'a [Path],
    #[serde(skip_serializing_if = "Option::is_none")]
    importing: Option<Importing<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generated_config: Option<&'a str>,
}

/// Where an object comes from.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Importing<'a> {
    pub(super) id: &'a str,
}

/// A value, or null where there is none.
struct Side<'a>(Option<Plain<'a>>);

impl Serialize for Side<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// What of a value is known after apply: nothing in particular where all is known.
enum Unknown<'a> {
    Nothing,
    NothingOfOutput,
    Parts(Shape<'a>),
}

impl Serialize for Unknown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.collect_map([(); 0].map(|()| ("", ""))),
            Self::NothingOfOutput => serializer.serialize_bool(false),
            Self::Parts(shape) => shape.serialize(serializer),
        }
    }
}

enum Sensitive<'a> {
    Whole(bool),
    Parts(Shape<'a>),
}

impl Serialize for Sensitive<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(whole) => serializer.serialize_bool(*whole),
            Self::Parts(shape) => shape.serialize(serializer),
        }
    }
}

impl<'a> Sensitive<'a> {
    fn of(value: Option<&'a Value>) -> Self {
        value.map_or(Self::Whole(false), |value| Self::Parts(Shape::sensitive(value)))
    }
}

fn paths<S: Serializer>(paths: &&[Path], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Step<'a> {
        Name(&'a str),
        Index(usize),
    }
    serializer.collect_seq(paths.iter().map(|path| {
        let steps = path.0.iter().map(|segment| match segment {
            PathSegment::Attribute(name) | PathSegment::Key(name) => Step::Name(name),
            PathSegment::Index(index) => Step::Index(*index),
        });
        steps.collect::<Vec<_>>()
    }))
}

/// What a change has besides itself.
#[derive(Clone, Copy, Default)]
pub(super) struct Beside<'a> {
    pub(super) previous: Option<&'a InstanceAddr>,
    pub(super) importing: Option<&'a str>,
    pub(super) generated: Option<&'a str>,
}

impl<'a> ChangeDocument<'a> {
    pub(super) fn of(change: &'a Change, beside: Beside<'a>, secrets: Secrets) -> Self {
        let (prior, planned) = (change.prior.as_ref(), change.planned.as_ref());
        let values = Values {
            actions: actions(change.action),
            replace_paths: &change.replace_paths,
            importing: beside.importing.map(|id| Importing { id }),
            generated_config: beside.generated,
            ..Values::between(prior, planned, secrets)
        };
        let action_reason = action_reason(change);
        Self {
            previous_address: beside.previous.map(Text),
            deposed: change.deposed.as_ref(),
            action_reason,
            causes: change.causes.iter().map(CauseDocument::of).collect(),
            ..Self::new(&change.address, &change.provider.local.provider, values)
        }
    }

    /// What was changed outside.
    pub(super) fn of_drift(drift: &'a Drift, secrets: Secrets) -> Self {
        let seen = drift.seen.as_ref();
        let actions: &[_] = if seen.is_some() { &["update"] } else { &["delete"] };
        let values = Values { actions, ..Values::between(Some(&drift.recorded), seen, secrets) };
        Self::new(&drift.address, &drift.provider.local.provider, values)
    }

    fn new(
        address: &'a InstanceAddr,
        provider: &crate::addr::ProviderName,
        change: Values<'a>,
    ) -> Self {
        let resource = &address.resource;
        Self {
            address: Text(address),
            previous_address: None,
            module_address: (!resource.module.is_root()).then(|| resource.module.to_string()),
            mode: mode(resource.local.mode),
            type_name: &resource.local.type_name.0,
            name: &resource.local.name,
            index: Index::of(&address.key),
            provider_name: provider.source(),
            deposed: None,
            change,
            action_reason: None,
            causes: Vec::new(),
        }
    }
}

impl<'a> Values<'a> {
    fn between(prior: Option<&'a Value>, planned: Option<&'a Value>, secrets: Secrets) -> Self {
        let side = |value: Option<&'a Value>| Side(value.map(|value| Plain::of(value, secrets)));
        Self {
            actions: &["no-op"],
            before: side(prior),
            after: Some(side(planned)),
            after_unknown: match planned {
                Some(planned) if !planned.is_wholly_known() => {
                    Unknown::Parts(Shape::unknown(planned))
                }
                _ => Unknown::Nothing,
            },
            before_sensitive: Sensitive::of(prior),
            after_sensitive: Sensitive::of(planned),
            replace_paths: &[],
            importing: None,
            generated_config: None,
        }
    }

    /// The change of an output.
    pub(super) fn of_output(output: &'a OutputChange, secrets: Secrets) -> Self {
        let is_sensitive = output.sensitive || output.was_sensitive;
        let hidden = |value: &Value| {
            let value = if is_sensitive { value.clone().sensitive() } else { value.clone() };
            Plain::owned(value, secrets)
        };
        let planned = output.planned.as_ref();
        Self {
            actions: match output_action(output) {
                OutputAction::Create => &["create"],
                OutputAction::Update => &["update"],
                OutputAction::Delete => &["delete"],
                OutputAction::NoOp => &["no-op"],
            },
            before: Side(output.prior.as_ref().map(hidden)),
            after: planned.is_none_or(Value::is_known).then(|| Side(planned.map(hidden))),
            after_unknown: match planned {
                Some(planned) if !planned.is_wholly_known() => {
                    Unknown::Parts(Shape::unknown(planned))
                }
                _ => Unknown::NothingOfOutput,
            },
            before_sensitive: Sensitive::Whole(is_sensitive),
            after_sensitive: Sensitive::Whole(is_sensitive),
            replace_paths: &[],
            importing: None,
            generated_config: None,
        }
    }
}

/// What becomes of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum OutputAction {
    Create,
    Update,
    Delete,
    NoOp,
}

/// What becomes of an output.
pub(super) fn output_action(output: &OutputChange) -> OutputAction {
    match (&output.prior, &output.planned) {
        _ if !output.is_change() => OutputAction::NoOp,
        (None, _) => OutputAction::Create,
        (Some(_), None) => OutputAction::Delete,
        _ => OutputAction::Update,
    }
}

fn actions(action: Action) -> &'static [&'static str] {
    match action {
        Action::NoOp => &["no-op"],
        Action::Create => &["create"],
        Action::Update => &["update"],
        Action::Replace(ReplaceOrder::DeleteFirst) => &["delete", "create"],
        Action::Replace(ReplaceOrder::CreateFirst) => &["create", "delete"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
        Action::Read => &["read"],
    }
}

/// The word for the reason of a change, where Terraform has one.
fn action_reason(change: &Change) -> Option<&'static str> {
    Some(match &change.reason {
        Reason::Tainted | Reason::Failed(_) => "replace_because_tainted",
        Reason::Requested => "replace_by_request",
        Reason::Triggered => "replace_by_triggers",
        Reason::CannotUpdate(_) => "replace_because_cannot_update",
        other => return event_reason(other),
    })
}

/// The word for a reason in a stream of events, where Terraform has one.
pub(super) fn event_reason(reason: &Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::Tainted | Reason::Failed(_) => "tainted",
        Reason::Requested => "requested",
        Reason::Triggered => "replace_triggered_by",
        Reason::CannotUpdate(_) => "cannot_update",
        Reason::NotDeclared | Reason::Removed => "delete_because_no_resource_config",
        Reason::NoModule(_) => "delete_because_no_module",
        Reason::CountTooLow(_) => "delete_because_count_index",
        Reason::KeyNotInForEach(_) => "delete_because_each_key",
        Reason::KeyKindChanged => "delete_because_wrong_repetition",
        Reason::ArgumentsUnknown => "read_because_config_unknown",
        Reason::DependencyPending => "read_because_dependency_pending",
        Reason::Unchanged
        | Reason::New
        | Reason::Gone
        | Reason::Expired
        | Reason::Changed
        | Reason::Destroy
        | Reason::Deposed => return None,
    })
}
