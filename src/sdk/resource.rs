//! A resource type as a provider writes it: typed.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::schema::{Problem, Schema};
use crate::value::Value;
use crate::world::Timestamp;

use super::{Context, ErrorKind, Intended, Obstacle, ProviderError};

/// What a create left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created<O> {
    /// A complete object.
    Ready(O),
    /// An object that exists and is of no use: kept in state, replaced next time.
    Tainted(O, ProviderError),
}

/// What a read found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading<O> {
    /// The object as it is now.
    Present(O),
    /// The object is there and of no use: it is replaced. With the reason, for people.
    Failed(O, String),
    /// It is gone, nobody knows why.
    Gone,
    /// It is gone because its time was over.
    Expired,
    /// The vendor offers no way to look; what is recorded still counts. With the reason, for people.
    NotVerifiable(O, String),
}

/// One result for each of `count` objects that one request asked for: where it failed, its error
/// stands for all of them.
pub fn one_each<T>(
    count: usize,
    answer: Result<Vec<T>, ProviderError>,
) -> Vec<Result<T, ProviderError>> {
    match answer {
        Ok(found) => found.into_iter().map(Ok).collect(),
        Err(error) => vec![error; count].into_iter().map(Err).collect(),
    }
}

/// The reading of the one object that was asked for.
///
/// # Errors
///
/// There is none: of an object at which nobody looked, nobody knows whether it is gone.
pub fn the_one<T>(readings: impl IntoIterator<Item = T>) -> Result<T, ProviderError> {
    readings.into_iter().next().ok_or_else(|| {
        let message = "The object was not looked at, so nothing is known of it.";
        ProviderError::new(ErrorKind::Answer, "read", message)
    })
}

/// What a delete did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The object is gone.
    Deleted,
    /// The vendor has no way to delete: the object stays, state forgets it. With the words for
    /// people: what stays, until when, and what a person can do by hand.
    Impossible(String),
}

/// What became of a create whose outcome was not recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery<O> {
    /// It made this object.
    Found(O),
    /// It made this object, which is of no use: kept in state, replaced next time.
    Tainted(O, ProviderError),
    /// It made none: creating again is safe.
    Absent,
    /// Nobody can know; with the reason, for people.
    Uncertain(String),
}

/// In which order an object may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// The new one first, unless the configuration says otherwise: there is always one.
    CreateFirst,
    /// The old one must go first, unless the configuration says otherwise.
    DeleteFirst,
    /// The old one must go first; the vendor allows no other order. With the reason, for people.
    DeleteFirstOnly(&'static str),
}

/// What becomes of a plan in which two instances share what only one should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// It is refused: the second object could not be made.
    Refused,
    /// A person is warned: the vendor may well take it.
    Advised,
}

/// Arguments whose values together no two instances should share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unique {
    /// The arguments; problems are shown at the first one. Texts are compared as the schema says,
    /// as long as they differ in nothing but upper and lower case.
    pub arguments: &'static [&'static str],
    /// Why there should be only one. For people, the end of a sentence.
    pub reason: &'static str,
    /// How bad it is where there are two.
    pub sharing: Sharing,
    /// The argument that makes an instance the only one of its kind where it is `true`.
    pub unless: Option<&'static str>,
}

/// The attribute, where a type has it, that holds the instant at which an object ends by itself.
pub const EXPIRES_AT: &str = "expires_at";

/// A resource type. The value that implements it holds the vendor's configured client.
///
/// What an implementation must keep:
/// * `create` sends its request only after it was handed the intent, which is on disk by then; it
///   calls [`Context::accepted`] as soon as the vendor's handle is known.
/// * An attribute that [`Self::Object`] does not serialise keeps the value that was planned (after
///   a create or update) or recorded (after a read): that is how write-only arguments stay.
/// * An object that ends by itself says when in [`EXPIRES_AT`], as RFC 3339, as soon as that is known.
/// * `read_many` gives one result per prior object, in the same order.
pub trait Resource: Send + Sync + Sized + 'static {
    /// The type's name, with the provider's name in front.
    const TYPE: &'static str;
    /// In which order an object is replaced.
    const REPLACEMENT: Replacement = Replacement::CreateFirst;
    /// Why no object can be deleted, where the vendor has no way to: then every plan that would
    /// delete one says so. For people, a full sentence.
    const CANNOT_DELETE: Option<&'static str> = None;
    /// Whether [`Self::recover`] can always find out what became of a create. Then a create may be noted
    /// while others have the vendor's ear, and wait for its turn: after a death it is looked for like one
    /// that was sent. Otherwise it is noted at the moment it is sent.
    const FINDS_LOST: bool = true;
    /// The argument whose value allows only one operation at a time, such as the source disk.
    const EXCLUSIVE_BY: Option<&'static str> = None;
    /// The arguments that no two instances of one provider configuration should share, where a second
    /// one could not be made or could not be told from the first.
    const UNIQUE: Option<Unique> = None;
    /// Whether [`Self::update`] is there; without it every settable attribute must force a
    /// new object or be record-only.
    const UPDATES: bool = false;
    /// The arguments that force a new object, and that [`Self::changes_in_place`] knows exceptions from.
    const AT_TIMES_IN_PLACE: &'static [&'static str] = &[];
    /// Whether [`Self::foresee`] is there.
    const FORESEES: bool = false;
    /// What the configuration says, wholly known by now, defaults filled in.
    type Arguments: DeserializeOwned + Send + Sync;
    /// What exists at the vendor, as state holds it.
    type Object: Serialize + DeserializeOwned + Send + Sync;
    /// What must be on disk before a create leaves: a client token, or what is needed to search.
    type Intent: Serialize + DeserializeOwned + Send + Sync;

    /// Attributes, types, rules and meaning.
    fn schema() -> Schema;

    /// Checks across arguments without a network; parts of `arguments` may be unknown. Rules of
    /// single attributes live in the schema.
    fn validate(_arguments: &Value, _now: Timestamp) -> Vec<Problem> {
        Vec::new()
    }

    /// Checks a create, a replacement or an update in place without a network: rules that bind what
    /// is being set, not what is there already, such as "at least 24 hours from now". `prior` is
    /// the object that stays, so it is absent for a create and for a replacement.
    fn validate_change(_prior: Option<&Value>, _planned: &Value, _now: Timestamp) -> Vec<Problem> {
        Vec::new()
    }

    /// Completes a planned object beyond what the schema tells: `planned` holds the arguments, and
    /// for computed attributes what was recorded or unknown.
    fn plan(_prior: Option<&Value>, planned: Value) -> Value {
        planned
    }

    /// Whether this client changes an argument of [`Self::AT_TIMES_IN_PLACE`] in place: where the settings
    /// of the provider or the two values allow it. Without a network.
    fn changes_in_place(&self, _argument: &str, _prior: &Value, _planned: &Value) -> bool {
        false
    }

    /// Asks the vendor, while planning, what stands against all that a plan does to this type: sources
    /// that are missing or unfit, quotas that are too small. Bulk calls only, and nothing is changed.
    /// What passes by itself before an apply, such as a source that is busy, is no obstacle. A create
    /// must find out anew: time passes between a plan and its apply.
    ///
    /// # Errors
    ///
    /// Those of the calls; then a warning says that nothing was foreseen.
    fn foresee(
        &self,
        _cx: &Context,
        _intended: &Intended<Self::Arguments, Self::Object>,
    ) -> impl Future<Output = Result<Vec<Obstacle>, ProviderError>> + Send {
        async { Ok(Vec::new()) }
    }

    /// Collects what must be on disk before the create leaves. May read from the vendor, must not
    /// change anything there.
    fn prepare(
        &self,
        cx: &Context,
        arguments: &Self::Arguments,
    ) -> impl Future<Output = Result<Self::Intent, ProviderError>> + Send;

    /// Makes the object and waits until it is ready.
    fn create(
        &self,
        cx: &Context,
        arguments: Self::Arguments,
        intent: &Self::Intent,
    ) -> impl Future<Output = Result<Created<Self::Object>, ProviderError>> + Send;

    /// What is known of an object that a person names for an import: enough to read it. Unless
    /// overridden, the name is its `id`, and the rest may be absent.
    ///
    /// # Errors
    ///
    /// Why no such object can be imported, for people.
    fn imported(id: &str) -> Result<Self::Object, String> {
        serde_json::from_value(serde_json::json!({ "id": id }))
            .map_err(|_| format!("Objects of type `{}` cannot be imported.", Self::TYPE))
    }

    /// What a person should know of an object that was read for an import. For people, as advice.
    fn advise_import(_object: &Value) -> Vec<Problem> {
        Vec::new()
    }

    /// Looks at one object.
    fn read(
        &self,
        cx: &Context,
        prior: Self::Object,
    ) -> impl Future<Output = Result<Reading<Self::Object>, ProviderError>> + Send;

    /// Looks at many objects; to be overridden with the vendor's list call.
    fn read_many(
        &self,
        cx: &Context,
        priors: Vec<Self::Object>,
    ) -> impl Future<Output = Vec<Result<Reading<Self::Object>, ProviderError>>> + Send {
        async move {
            let mut readings = Vec::with_capacity(priors.len());
            for prior in priors {
                readings.push(self.read(cx, prior).await);
            }
            readings
        }
    }

    /// Changes an object in place.
    fn update(
        &self,
        _cx: &Context,
        _prior: Self::Object,
        _arguments: Self::Arguments,
    ) -> impl Future<Output = Result<Self::Object, ProviderError>> + Send {
        async {
            Err(ProviderError::new(
                ErrorKind::Unsupported,
                "update",
                format!("`{}` cannot be changed in place.", Self::TYPE),
            ))
        }
    }

    /// Deletes an object and waits until it is gone; an object that is gone already is fine.
    fn delete(
        &self,
        cx: &Context,
        prior: Self::Object,
    ) -> impl Future<Output = Result<Deletion, ProviderError>> + Send;

    /// Finds out what became of a create whose outcome was not recorded. `accepted` is the last
    /// handle given to [`Context::accepted`], if there was one.
    fn recover(
        &self,
        cx: &Context,
        arguments: Self::Arguments,
        intent: Self::Intent,
        accepted: Option<serde_json::Value>,
    ) -> impl Future<Output = Result<Recovery<Self::Object>, ProviderError>> + Send;
}

/// What the engine must know of a resource type before its provider is configured.
#[derive(Clone, Debug)]
pub struct ResourceSpec {
    /// The type's name.
    pub type_name: &'static str,
    /// Attributes, types, rules and meaning.
    pub schema: Schema,
    /// In which order an object is replaced.
    pub replacement: Replacement,
    /// Why no object can be deleted, where the vendor has no way to.
    pub cannot_delete: Option<&'static str>,
    /// The argument whose value allows only one operation at a time.
    pub exclusive_by: Option<&'static str>,
    /// The arguments that no two instances of one provider configuration should share.
    pub unique: Option<Unique>,
    /// Whether objects can be changed in place.
    pub updates: bool,
    /// The arguments that force a new object but for what some clients change in place.
    pub at_times_in_place: &'static [&'static str],
    /// Whether it can always be found out what became of a create.
    pub finds_lost: bool,
    /// Whether the vendor can be asked what stands against a plan.
    pub foresees: bool,
    /// Checks across arguments without a network.
    pub validate: fn(&Value, Timestamp) -> Vec<Problem>,
    /// Checks what a create, a replacement or an update in place sets.
    pub validate_change: fn(Option<&Value>, &Value, Timestamp) -> Vec<Problem>,
    /// What a person should know of an object that is taken in.
    pub advise_import: fn(&Value) -> Vec<Problem>,
    /// Completes a planned object.
    pub plan: fn(Option<&Value>, Value) -> Value,
}

impl ResourceSpec {
    /// The facts of the resource type `R`.
    pub fn of<R: Resource>() -> Self {
        Self {
            type_name: R::TYPE,
            schema: R::schema(),
            replacement: R::REPLACEMENT,
            cannot_delete: R::CANNOT_DELETE,
            exclusive_by: R::EXCLUSIVE_BY,
            unique: R::UNIQUE,
            updates: R::UPDATES,
            at_times_in_place: R::AT_TIMES_IN_PLACE,
            finds_lost: R::FINDS_LOST,
            foresees: R::FORESEES,
            validate: R::validate,
            validate_change: R::validate_change,
            advise_import: R::advise_import,
            plan: R::plan,
        }
    }
}
