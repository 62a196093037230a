//! Events in words.

use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::engine::{Event, StepVerb};
use crate::text::one_line;

use super::super::{Paint, Style, counted, elapsed};

/// What a step does.
pub(super) fn doing(verb: StepVerb) -> &'static str {
    match verb {
        StepVerb::Read => "Reading",
        StepVerb::Create => "Creating",
        StepVerb::Update => "Modifying",
        StepVerb::Delete => "Destroying",
    }
}

fn done(verb: StepVerb) -> &'static str {
    match verb {
        StepVerb::Read => "Read complete",
        StepVerb::Create => "Creation complete",
        StepVerb::Update => "Modifications complete",
        StepVerb::Delete => "Destruction complete",
    }
}

fn failed(verb: StepVerb) -> &'static str {
    match verb {
        StepVerb::Read => "Read failed",
        StepVerb::Create => "Creation failed",
        StepVerb::Update => "Modifications failed",
        StepVerb::Delete => "Destruction failed",
    }
}

fn named(id: Option<&String>) -> String {
    id.map_or_else(String::new, |id| format!(" [id={}]", one_line(id, usize::MAX)))
}

/// The line of an object that was read.
pub(super) fn refreshed(address: &InstanceAddr, id: Option<&String>) -> String {
    format!("{address}: Refreshed{}", named(id))
}

/// The line of all objects that were read.
pub(super) fn all_refreshed(objects: usize) -> String {
    format!("Refreshed {}.", counted(objects, "object"))
}

/// The line of a step that tells how far it is.
pub(super) fn progress(address: &InstanceAddr, text: &str, time: Duration, paint: Paint) -> String {
    paint.faint(&format!("{address}: {text} [{} elapsed]", elapsed(time)))
}

/// The line of a step that begins.
pub(super) fn started(address: &InstanceAddr, verb: StepVerb, id: Option<&String>) -> String {
    format!("{address}: {}...{}", doing(verb), named(id))
}

/// The line of a step that is over, or of an object that is no longer recorded.
pub(super) fn ended(event: &Event, paint: Paint) -> Option<String> {
    match event {
        Event::Completed { address, verb, id, elapsed: time } => {
            let words = paint.paint(Style::Added, done(*verb));
            Some(format!("{address}: {words} after {}{}", elapsed(*time), named(id.as_ref())))
        }
        Event::Failed { address, verb, elapsed: time } => {
            let words = paint.paint(Style::Removed, failed(*verb));
            Some(format!("{address}: {words} after {}", elapsed(*time)))
        }
        Event::Withdrawn { address, .. } => {
            Some(format!("{address}: Not begun; nothing was sent for it"))
        }
        Event::Forgotten { address } => Some(format!("{address}: Forgotten; the object stays")),
        _ => None,
    }
}
