//! The erased twin of [`Resource`]: values in, values out.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::schema::{Schema, TIMEOUTS, parse_duration};
use crate::value::{Key, Type, TypedError, Value, from_value, to_value};
use crate::world::BoxFuture;

use super::{
    Context, Created, Deletion, ErrorKind, Intended, Obstacle, ProviderError, Reading, Recovery,
    Resource, the_one,
};

/// A configured resource type as the engine sees it. The meaning of each method is that of its
/// twin in [`Resource`]; values are whole objects of the schema's type.
pub trait DynResource: Send + Sync {
    /// See [`Resource::changes_in_place`].
    fn changes_in_place(&self, _argument: &str, _prior: &Value, _planned: &Value) -> bool {
        false
    }

    /// See [`Resource::foresee`]; creates are planned objects, of which parts may be unknown.
    fn foresee<'a>(
        &'a self,
        _cx: &'a Context,
        _intended: &'a Intended<Value, Value>,
    ) -> BoxFuture<'a, Result<Vec<Obstacle>, ProviderError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// See [`Resource::prepare`].
    fn prepare<'a>(
        &'a self,
        cx: &'a Context,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<serde_json::Value, ProviderError>>;

    /// See [`Resource::create`].
    fn create<'a>(
        &'a self,
        cx: &'a Context,
        planned: &'a Value,
        intent: &'a serde_json::Value,
    ) -> BoxFuture<'a, Result<Created<Value>, ProviderError>>;

    /// See [`Resource::read_many`].
    fn read_many<'a>(
        &'a self,
        cx: &'a Context,
        priors: &'a [Value],
    ) -> BoxFuture<'a, Vec<Result<Reading<Value>, ProviderError>>>;

    /// Reads the object that a person names for an import; see [`Resource::imported`].
    fn import<'a>(
        &'a self,
        cx: &'a Context,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Reading<Value>, ProviderError>>;

    /// See [`Resource::update`].
    fn update<'a>(
        &'a self,
        cx: &'a Context,
        prior: &'a Value,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Value, ProviderError>>;

    /// See [`Resource::delete`].
    fn delete<'a>(
        &'a self,
        cx: &'a Context,
        prior: &'a Value,
    ) -> BoxFuture<'a, Result<Deletion, ProviderError>>;

    /// See [`Resource::recover`].
    fn recover<'a>(
        &'a self,
        cx: &'a Context,
        planned: &'a Value,
        intent: &'a serde_json::Value,
        accepted: Option<&'a serde_json::Value>,
    ) -> BoxFuture<'a, Result<Recovery<Value>, ProviderError>>;
}

/// Wraps a typed resource for the engine.
pub fn erase<R: Resource>(resource: R) -> Arc<dyn DynResource> {
    let schema = R::schema();
    let object_type = schema.object_type();
    Arc::new(Erased { resource, schema, object_type })
}

struct Erased<R> {
    resource: R,
    schema: Schema,
    object_type: Type,
}

impl<R: Resource> Erased<R> {
    /// The context with the patience that the object's `timeouts` block asks for.
    fn context(&self, cx: &Context, object: &Value) -> Context {
        let mut cx = cx.clone();
        let timeouts = object.attribute(TIMEOUTS).and_then(Value::entries).unwrap_or_default();
        cx.timeouts = timeouts
            .iter()
            .filter(|(name, _)| self.schema.timeouts.contains(&&**name))
            .filter_map(|(name, value)| Some((name.to_string(), parse_duration(value.as_str()?)?)))
            .collect();
        cx
    }

    /// The arguments as the provider's structure wants them: what the vendor will set is absent.
    fn arguments(&self, planned: &Value) -> Result<R::Arguments, ProviderError> {
        let entries = planned.entries().unwrap_or_default().iter().map(|(name, value)| {
            let pending = !value.is_known()
                && self.schema.attribute(name).is_some_and(crate::schema::Attribute::is_computed);
            let value = if pending { Value::NULL } else { value.clone() };
            (Key::clone(name), value)
        });
        typed::<R, R::Arguments>(&Value::object(entries.collect::<Vec<_>>()))
    }

    /// The object as a value; attributes it does not serialise come from `base`.
    fn value(&self, object: &R::Object, base: &Value) -> Result<Value, ProviderError> {
        let fresh = to_value(object, &Type::Any).map_err(|error| defect::<R>(&error))?;
        complete(&fresh, base, &self.object_type).map_err(|error| defect::<R>(&error))
    }

    fn reading(
        &self,
        reading: Reading<R::Object>,
        prior: &Value,
    ) -> Result<Reading<Value>, ProviderError> {
        Ok(match reading {
            Reading::Present(object) => Reading::Present(self.value(&object, prior)?),
            Reading::Failed(object, reason) => Reading::Failed(self.value(&object, prior)?, reason),
            Reading::Gone => Reading::Gone,
            Reading::Expired => Reading::Expired,
            Reading::NotVerifiable(object, reason) => {
                Reading::NotVerifiable(self.value(&object, prior)?, reason)
            }
        })
    }
}

/// A whole object of type `ty`: what `fresh` does not hold comes from `base`, or is null.
pub(super) fn complete(fresh: &Value, base: &Value, ty: &Type) -> Result<Value, TypedError> {
    let Type::Object(attributes) = ty else { return Ok(fresh.clone()) };
    let merged = attributes.iter().map(|attribute| {
        let name = &attribute.name;
        let part = fresh.attribute(name).or_else(|| base.attribute(name));
        (Key::clone(name), part.cloned().unwrap_or_else(|| Value::null(attribute.ty.clone())))
    });
    retype(&Value::object(merged.collect::<Vec<_>>()), ty)
}

/// Gives every null and empty collection its declared type, by way of the structures' JSON.
fn retype(value: &Value, ty: &Type) -> Result<Value, TypedError> {
    let json: serde_json::Value = from_value(value)?;
    to_value(&json, ty)
}

fn defect<R: Resource>(error: &impl ToString) -> ProviderError {
    ProviderError::new(
        ErrorKind::Answer,
        R::TYPE,
        format!("The object does not fit the schema of `{}`: {}.", R::TYPE, error.to_string()),
    )
}

fn typed<R: Resource, T: DeserializeOwned>(value: &Value) -> Result<T, ProviderError> {
    from_value(value).map_err(|error| defect::<R>(&error))
}

fn from_json<R: Resource, T: DeserializeOwned>(
    json: &serde_json::Value,
) -> Result<T, ProviderError> {
    serde_json::from_value(json.clone()).map_err(|error| defect::<R>(&error))
}

fn json_of<R: Resource>(value: &impl Serialize) -> Result<serde_json::Value, ProviderError> {
    serde_json::to_value(value).map_err(|error| defect::<R>(&error))
}

impl<R: Resource> DynResource for Erased<R> {
    fn changes_in_place(&self, argument: &str, prior: &Value, planned: &Value) -> bool {
        self.resource.changes_in_place(argument, prior, planned)
    }

    fn foresee<'a>(
        &'a self,
        cx: &'a Context,
        intended: &'a Intended<Value, Value>,
    ) -> BoxFuture<'a, Result<Vec<Obstacle>, ProviderError>> {
        Box::pin(async move {
            // What is not known yet does not fit the arguments' structure.
            let known = |planned: &Option<Value>| self.arguments(planned.as_ref()?).ok();
            let creates = intended.creates.iter().map(known).collect();
            let deletes = intended.deletes.iter().map(typed::<R, R::Object>);
            let deletes = deletes.collect::<Result<_, _>>()?;
            self.resource.foresee(cx, &Intended { creates, deletes }).await
        })
    }

    fn prepare<'a>(
        &'a self,
        cx: &'a Context,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<serde_json::Value, ProviderError>> {
        Box::pin(async move {
            let arguments = self.arguments(planned)?;
            let cx = self.context(cx, planned);
            let intent = self.resource.prepare(&cx, &arguments).await?;
            json_of::<R>(&intent)
        })
    }

    fn create<'a>(
        &'a self,
        cx: &'a Context,
        planned: &'a Value,
        intent: &'a serde_json::Value,
    ) -> BoxFuture<'a, Result<Created<Value>, ProviderError>> {
        Box::pin(async move {
            let arguments = self.arguments(planned)?;
            let intent = from_json::<R, R::Intent>(intent)?;
            let cx = self.context(cx, planned);
            Ok(match self.resource.create(&cx, arguments, &intent).await? {
                Created::Ready(object) => Created::Ready(self.value(&object, planned)?),
                Created::Tainted(object, error) => {
                    Created::Tainted(self.value(&object, planned)?, error)
                }
            })
        })
    }

    fn read_many<'a>(
        &'a self,
        cx: &'a Context,
        priors: &'a [Value],
    ) -> BoxFuture<'a, Vec<Result<Reading<Value>, ProviderError>>> {
        Box::pin(async move {
            let objects: Vec<_> = priors.iter().map(typed::<R, R::Object>).collect();
            let fit = objects.iter().map(Result::is_ok).collect::<Vec<_>>();
            let mut unfit = Vec::new();
            let mut readable = Vec::new();
            for object in objects {
                match object {
                    Ok(object) => readable.push(object),
                    Err(error) => unfit.push(error),
                }
            }
            let mut read = self.resource.read_many(cx, readable).await.into_iter();
            let mut unfit = unfit.into_iter();
            let results = fit.into_iter().zip(priors).map(|(fit, prior)| {
                let missing =
                    || defect::<R>(&"the provider gave fewer readings than it was asked for");
                if fit {
                    let reading = read.next().ok_or_else(missing)?;
                    self.reading(reading?, prior)
                } else {
                    Err(unfit.next().unwrap_or_else(missing))
                }
            });
            results.collect()
        })
    }

    fn import<'a>(
        &'a self,
        cx: &'a Context,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Reading<Value>, ProviderError>> {
        Box::pin(async move {
            let refuse = |reason| ProviderError::new(ErrorKind::Unsupported, "import", reason);
            let named = R::imported(id).map_err(refuse)?;
            let reading = the_one(self.resource.read_many(cx, vec![named]).await)??;
            let nothing = Value::object::<&str>([]);
            self.reading(reading, &nothing)
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a Context,
        prior: &'a Value,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Value, ProviderError>> {
        Box::pin(async move {
            let object = typed::<R, R::Object>(prior)?;
            let arguments = self.arguments(planned)?;
            let cx = self.context(cx, planned);
            let updated = self.resource.update(&cx, object, arguments).await?;
            self.value(&updated, planned)
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a Context,
        prior: &'a Value,
    ) -> BoxFuture<'a, Result<Deletion, ProviderError>> {
        Box::pin(async move {
            let object = typed::<R, R::Object>(prior)?;
            let cx = self.context(cx, prior);
            self.resource.delete(&cx, object).await
        })
    }

    fn recover<'a>(
        &'a self,
        cx: &'a Context,
        planned: &'a Value,
        intent: &'a serde_json::Value,
        accepted: Option<&'a serde_json::Value>,
    ) -> BoxFuture<'a, Result<Recovery<Value>, ProviderError>> {
        Box::pin(async move {
            let arguments = self.arguments(planned)?;
            let intent = from_json::<R, R::Intent>(intent)?;
            let cx = self.context(cx, planned);
            let recovery = self.resource.recover(&cx, arguments, intent, accepted.cloned()).await?;
            Ok(match recovery {
                Recovery::Found(object) => Recovery::Found(self.value(&object, planned)?),
                Recovery::Tainted(object, error) => {
                    Recovery::Tainted(self.value(&object, planned)?, error)
                }
                Recovery::Absent => Recovery::Absent,
                Recovery::Uncertain(reason) => Recovery::Uncertain(reason),
            })
        })
    }
}
