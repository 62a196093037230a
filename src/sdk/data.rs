//! Data: what is looked up and never changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::schema::{Problem, Schema};
use crate::value::{Key, Type, Value, from_value, to_value};
use crate::world::BoxFuture;

use super::erased::complete;
use super::{Context, DynResource, ErrorKind, ProviderError};

/// A data type as a provider writes it: typed. The value that implements it holds the vendor's
/// configured client.
pub trait DataSource: Send + Sync + Sized + 'static {
    /// The type's name, with the provider's name in front.
    const TYPE: &'static str;
    /// What the configuration says, wholly known by now, defaults filled in.
    type Arguments: DeserializeOwned + Send;
    /// What a read adds. An attribute that it does not serialise keeps what the configuration says.
    type Found: Serialize + Send;

    /// Attributes, types, rules and meaning.
    fn schema() -> Schema;

    /// Checks across arguments without a network; parts of `arguments` may be unknown. Rules of
    /// single attributes live in the schema.
    fn validate(_arguments: &Value) -> Vec<Problem> {
        Vec::new()
    }

    /// Looks it up.
    ///
    /// # Errors
    ///
    /// The vendor cannot be asked, or what must be there is not.
    fn read(
        &self,
        cx: &Context,
        arguments: Self::Arguments,
    ) -> impl Future<Output = Result<Self::Found, ProviderError>> + Send;
}

/// A data type as everybody may know it: without a client.
#[derive(Clone, Debug)]
pub struct DataSpec {
    /// Its name, the first label of `data` blocks.
    pub type_name: &'static str,
    /// Its arguments, and what a read adds to them.
    pub schema: Schema,
    /// Checks across arguments without a network.
    pub validate: fn(&Value) -> Vec<Problem>,
}

impl DataSpec {
    /// The facts of the data type `D`.
    pub fn of<D: DataSource>() -> Self {
        Self { type_name: D::TYPE, schema: D::schema(), validate: D::validate }
    }
}

/// A configured data type.
pub trait DynDataSource: Send + Sync {
    /// Looks something up. `arguments` is a whole object of the schema's type, wholly known but for
    /// what only the read tells; the answer is one as well, with what was found in place.
    fn read<'a>(
        &'a self,
        cx: &'a Context,
        arguments: &'a Value,
    ) -> BoxFuture<'a, Result<Value, ProviderError>>;
}

/// Wraps a typed data type for the engine.
pub fn erase_data<D: DataSource>(source: D) -> Arc<dyn DynDataSource> {
    let schema = D::schema();
    let object_type = schema.object_type();
    Arc::new(ErasedData { source, schema, object_type })
}

struct ErasedData<D> {
    source: D,
    schema: Schema,
    object_type: Type,
}

impl<D: DataSource> ErasedData<D> {
    fn defect(error: &impl ToString) -> ProviderError {
        let detail = format!("What was found does not fit `{}`: {}.", D::TYPE, error.to_string());
        ProviderError::new(ErrorKind::Answer, D::TYPE, detail)
    }
}

impl<D: DataSource> DynDataSource for ErasedData<D> {
    fn read<'a>(
        &'a self,
        cx: &'a Context,
        arguments: &'a Value,
    ) -> BoxFuture<'a, Result<Value, ProviderError>> {
        Box::pin(async move {
            let arguments = settled(&self.schema, arguments);
            let typed = from_value(&arguments).map_err(|error| Self::defect(&error))?;
            let found = self.source.read(cx, typed).await?;
            let found = to_value(&found, &Type::Any).map_err(|error| Self::defect(&error))?;
            complete(&found, &arguments, &self.object_type).map_err(|error| Self::defect(&error))
        })
    }
}

/// What the configuration says, and the defaults where it says nothing: in a read that was put off,
/// what only the read tells is unknown.
fn settled(schema: &Schema, arguments: &Value) -> Value {
    let entries = arguments.entries().unwrap_or_default().iter().map(|(name, value)| {
        let value = if value.is_known() { value.clone() } else { Value::NULL };
        let attribute = schema.attribute(name);
        (
            Key::clone(name),
            attribute.map_or_else(|| value.clone(), |known| known.or_default(&value)),
        )
    });
    Value::object(entries.collect::<Vec<_>>())
}

/// What one provider configuration offers, by type name.
#[derive(Clone, Default)]
pub struct Configured {
    /// The resource types.
    pub resources: BTreeMap<&'static str, Arc<dyn DynResource>>,
    /// The data types.
    pub data: BTreeMap<&'static str, Arc<dyn DynDataSource>>,
    /// How many steps may be under way at once, where that is limited.
    pub parallelism: Option<usize>,
}

impl<const N: usize> From<[(&'static str, Arc<dyn DynResource>); N]> for Configured {
    fn from(resources: [(&'static str, Arc<dyn DynResource>); N]) -> Self {
        Self { resources: BTreeMap::from(resources), data: BTreeMap::new(), parallelism: None }
    }
}

impl Configured {
    /// The same with one more data type.
    #[must_use]
    pub fn with_data(mut self, type_name: &'static str, data: Arc<dyn DynDataSource>) -> Self {
        self.data.insert(type_name, data);
        self
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::schema::Attribute;
    use crate::world::{Timestamp, World};

    struct Echo;

    #[derive(Deserialize)]
    struct Arguments {
        newest: bool,
        name: Option<String>,
    }

    #[derive(Serialize)]
    struct Found {
        said: String,
    }

    impl DataSource for Echo {
        const TYPE: &'static str = "test_echo";
        type Arguments = Arguments;
        type Found = Found;

        fn schema() -> Schema {
            let attributes = vec![
                Attribute::optional("newest", Type::Bool, "").default(true),
                Attribute::optional("name", Type::String, ""),
                Attribute::computed("said", Type::String, ""),
            ];
            Schema::new("", attributes)
        }

        async fn read(&self, _: &Context, arguments: Arguments) -> Result<Found, ProviderError> {
            Ok(Found { said: format!("{} {:?}", arguments.newest, arguments.name) })
        }
    }

    #[tokio::test]
    async fn a_default_counts_where_nothing_is_said_or_was_known_in_time() {
        let source = erase_data(Echo);
        let context = Context::new(World::fixed(Timestamp::EPOCH));
        for (newest, expected) in [
            (Value::null(Type::Bool), true),
            (Value::unknown(Type::Bool), true),
            (Value::FALSE, false),
            (Value::TRUE, true),
        ] {
            let null = || Value::null(Type::String);
            let given = Value::object([("newest", newest), ("name", null()), ("said", null())]);
            let found = source.read(&context, &given).await.unwrap();
            assert_eq!(found.attribute("newest"), Some(&Value::from(expected)));
            assert_eq!(found.attribute("name"), Some(&null()));
            assert_eq!(found.attribute("said"), Some(&Value::string(format!("{expected} None"))));
        }
    }
}
