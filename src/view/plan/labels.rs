//! What tells instances apart, and lists of them in few words.

use crate::addr::{InstanceAddr, InstanceKey, ModuleInstance};

/// A part of an address in which instances differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The key of this step into a module.
    Module(usize),
    /// The name of the resource.
    Name,
    /// The key of the instance.
    Key,
}

impl Place {
    /// The word in that place, as it may stand in values.
    fn word(self, address: &InstanceAddr) -> Option<String> {
        match self {
            Self::Module(step) => word(&address.resource.module.0.get(step)?.key),
            Self::Name => Some(address.resource.local.name.to_string()),
            Self::Key => word(&address.key),
        }
    }

    /// What stands for the word of any of them.
    fn placeholder(self, address: &InstanceAddr) -> String {
        let of_key = |key: &InstanceKey| match key {
            InstanceKey::Index(_) => "index",
            _ => "key",
        };
        match self {
            Self::Module(step) => {
                let step = address.resource.module.0.get(step);
                step.map_or_else(String::new, |step| {
                    format!("<{} of {}>", of_key(&step.key), step.name)
                })
            }
            Self::Name => "<name>".to_owned(),
            Self::Key => format!("<{}>", of_key(&address.key)),
        }
    }
}

fn word(key: &InstanceKey) -> Option<String> {
    match key {
        InstanceKey::Index(index) => Some(index.to_string()),
        InstanceKey::Name(name) => Some(name.to_string()),
        InstanceKey::None => None,
    }
}

/// The parts of their addresses in which instances differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Apart(Vec<Place>);

impl Apart {
    /// Where these addresses, of as many modules each, differ.
    pub(super) fn of(addresses: &[&InstanceAddr]) -> Self {
        let Some((first, others)) = addresses.split_first() else { return Self(Vec::new()) };
        let steps = first.resource.module.0.len();
        let places = (0..steps).map(Place::Module).chain([Place::Name, Place::Key]);
        let differ = |place: &Place| {
            others.iter().any(|other| match place {
                Place::Module(step) => {
                    other.resource.module.0.get(*step) != first.resource.module.0.get(*step)
                }
                Place::Name => other.resource.local != first.resource.local,
                Place::Key => other.key != first.key,
            })
        };
        Self(places.filter(differ).collect())
    }

    /// The words in which an address differs from the others, as they may stand in values.
    pub(super) fn words(&self, address: &InstanceAddr) -> Vec<String> {
        self.0.iter().map(|place| place.word(address).unwrap_or_default()).collect()
    }

    /// What stands for each of these words.
    pub(super) fn placeholders(&self, address: &InstanceAddr) -> Vec<String> {
        self.0.iter().map(|place| place.placeholder(address)).collect()
    }

    /// What to call one of them among the others.
    fn label(&self, address: &InstanceAddr) -> String {
        match self.0[..] {
            [Place::Module(step)] => {
                let steps = address.resource.module.0.iter().take(step + 1).cloned();
                ModuleInstance(steps.collect()).to_string()
            }
            [Place::Key] => address.key.to_string(),
            _ => address.to_string(),
        }
    }

    /// Whether two of them differ in nothing but an index, which is the next one.
    fn follows(&self, left: &InstanceAddr, right: &InstanceAddr) -> bool {
        let next = |left: &InstanceKey, right: &InstanceKey| match (left, right) {
            (InstanceKey::Index(left), InstanceKey::Index(right)) => {
                left.checked_add(1) == Some(*right)
            }
            _ => false,
        };
        match (self.0.last(), &self.0[..]) {
            (_, [Place::Module(step)]) => {
                let key = |address: &InstanceAddr| {
                    address.resource.module.0.get(*step).map(|step| step.key.clone())
                };
                key(left).zip(key(right)).is_some_and(|(left, right)| next(&left, &right))
            }
            (Some(Place::Key), _) => left.resource == right.resource && next(&left.key, &right.key),
            _ => false,
        }
    }

    /// Their labels, with `FIRST to LAST` for indices in a row.
    pub(super) fn labels(&self, addresses: &[&InstanceAddr]) -> Vec<String> {
        let mut labels = Vec::new();
        for run in addresses.chunk_by(|left, right| self.follows(left, right)) {
            match run {
                [first, _, .., last] => {
                    let end = match self.0.last() {
                        Some(Place::Key) => last.key.to_string(),
                        _ => self.label(last),
                    };
                    labels.push(format!("{} to {end}", self.label(first)));
                }
                _ => labels.extend(run.iter().map(|address| self.label(address))),
            }
        }
        labels
    }
}

/// `words` with commas, over lines of `width`; every line but the first begins with `indent` blanks,
/// and on the first one `used` columns are taken.
pub(super) fn wrapped(words: &[String], used: usize, indent: usize, width: usize) -> String {
    let mut text = String::new();
    let mut column = used;
    for (index, word) in words.iter().enumerate() {
        let comma = if index + 1 < words.len() { "," } else { "" };
        let length = word.chars().count() + comma.len();
        let blank = usize::from(index > 0);
        if column > indent && column + blank + length > width {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if index > 0 {
            text.push(' ');
            column += blank;
        }
        text.push_str(word);
        text.push_str(comma);
        column += length;
    }
    text
}
