//! What must hold between a value and what becomes of it once everything is known.

// The fuzz target `eval` compiles this file too.
use crate::value::{Data, Marks, Type, Value};

/// What `after`, evaluated with all inputs known, contradicts of `before`, evaluated while some
/// were unknown; `None` where it contradicts nothing.
pub(crate) fn contradiction(before: &Value, after: &Value) -> Option<String> {
    // What an unknown part holds may still turn out to be sensitive.
    let sensitive = |value: &Value| value.deep_marks().is_sensitive();
    if before.is_wholly_known() && sensitive(after) && !sensitive(before) {
        return Some(format!("it became sensitive: {before:?} and {after:?}"));
    }
    parts(&before.reveal(), &after.reveal())
}

fn parts(before: &Value, after: &Value) -> Option<String> {
    let differs = || Some(format!("{before:?} became {after:?}"));
    if let Some(unknown) = before.as_unknown() {
        return if conforms(&after.ty(), &unknown.ty) {
            refinement(before, after)
        } else {
            Some(format!("{} became {}: {after:?}", unknown.ty, after.ty()))
        };
    }
    match (before.data(), after.data()) {
        (Data::Set(earlier), Data::Set(later)) => {
            let known = |item: &&Value| item.is_wholly_known();
            let lost = earlier.items.iter().filter(known).find(|item| !later.items.contains(item));
            let grown = later.items.len() > earlier.items.len();
            if lost.is_some() || grown || earlier.items.is_empty() != later.items.is_empty() {
                return differs();
            }
            None
        }
        (Data::List(_), Data::List(_)) | (Data::Tuple(_), Data::Tuple(_)) => {
            let (earlier, later) = (before.elements()?, after.elements()?);
            if earlier.len() != later.len() {
                return differs();
            }
            earlier.iter().zip(later).find_map(|(earlier, later)| parts(earlier, later))
        }
        (Data::Map(_), Data::Map(_)) | (Data::Object(_), Data::Object(_)) => {
            let (earlier, later) = (before.entries()?, after.entries()?);
            if !earlier.iter().map(|(key, _)| key).eq(later.iter().map(|(key, _)| key)) {
                return differs();
            }
            earlier.iter().zip(later).find_map(|((_, earlier), (_, later))| parts(earlier, later))
        }
        (Data::Null(_), Data::Null(_)) if conforms(&after.ty(), &before.ty()) => None,
        (earlier, later) if earlier == later => None,
        _ => differs(),
    }
}

fn refinement(before: &Value, after: &Value) -> Option<String> {
    let known = &before.as_unknown()?.refinement;
    let broken = |what: &str| Some(format!("{what} was promised: {known:?} became {after:?}"));
    if after.is_null() {
        return if known.not_null { broken("a value") } else { None };
    }
    if !after.is_known() {
        return None;
    }
    if let (Some(prefix), Some(text)) = (&known.prefix, after.as_str())
        && !text.starts_with(&**prefix)
    {
        return broken("a prefix");
    }
    let (min, max) = after.length_bounds();
    let too_short = known.min_length.is_some_and(|least| max.is_some_and(|max| max < least));
    let too_long = known.max_length.is_some_and(|most| min > most);
    if too_short || too_long {
        return broken("a length");
    }
    None
}

/// Whether `ty` is one of those that `promised` allows.
pub(crate) fn conforms(ty: &Type, promised: &Type) -> bool {
    match (ty, promised) {
        (_, Type::Any) => true,
        (Type::List(ty), Type::List(promised))
        | (Type::Set(ty), Type::Set(promised))
        | (Type::Map(ty), Type::Map(promised)) => conforms(ty, promised),
        (Type::Tuple(types), Type::Tuple(promised)) => {
            types.len() == promised.len()
                && types.iter().zip(promised.iter()).all(|(ty, promised)| conforms(ty, promised))
        }
        (Type::Object(attributes), Type::Object(promised)) => {
            attributes.len() == promised.len()
                && attributes.iter().zip(promised.iter()).all(|(attribute, promised)| {
                    attribute.name == promised.name && conforms(&attribute.ty, &promised.ty)
                })
        }
        (ty, promised) => ty == promised,
    }
}

/// A part of `after` that was unknown in `before`, while something hidden was unknown, and that is
/// not hidden by `marks` as that was; `None` where there is none.
pub(crate) fn uncovered(before: &Value, after: &Value, marks: &Marks) -> Option<String> {
    let hides = |value: &Value| {
        let own = value.marks();
        (own.is_sensitive() || !marks.is_sensitive())
            && (own.is_ephemeral() || !marks.is_ephemeral())
    };
    if hides(after) {
        return None;
    }
    let pairs = || before.children().zip(after.children());
    if before.is_known() && before.children().count() == after.children().count() {
        return pairs().find_map(|(before, after)| uncovered(before, after, marks));
    }
    let whole = after.children().count() > 0 && after.children().all(hides);
    if whole { None } else { Some(format!("{after:?} is not hidden")) }
}
