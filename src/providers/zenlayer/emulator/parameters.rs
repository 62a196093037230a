//! The parameters of an operation, checked one by one as the vendor does.

use crate::sdk::http::Request;
use crate::world::Timestamp;

use super::Refusal;

/// The object in a request's body.
pub(super) struct Parameters(serde_json::Map<String, serde_json::Value>);

/// An empty body counts as an empty object: the vendor signs it as such.
pub(super) fn read(request: &Request) -> Result<Parameters, Refusal> {
    if request.body.is_empty() {
        return Ok(Parameters(serde_json::Map::new()));
    }
    request.json_body().map(Parameters).map_err(|error| {
        Refusal::new(
            400,
            "INVALID_PARAMETER_TYPE",
            format!("the body is not a JSON object: {error}"),
        )
    })
}

impl Parameters {
    fn get(&self, name: &str) -> Option<&serde_json::Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(serde_json::Value::String(text)) => Ok(Some(text.clone())),
            Some(serde_json::Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(wrong_type(name, "a string")),
        }
    }

    pub(super) fn required_text(&self, name: &str) -> Result<String, Refusal> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
    }

    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let items = value.as_array().ok_or_else(|| wrong_type(name, "a list of strings"))?;
        let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
        texts.collect::<Option<_>>().map(Some).ok_or_else(|| wrong_type(name, "a list of strings"))
    }

    /// The ids of a call that changes or deletes, at most 100.
    pub(super) fn ids(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let ids = self.texts(name)?.filter(|ids| !ids.is_empty()).ok_or_else(|| missing(name))?;
        if ids.len() > 100 {
            return Err(Refusal::new(
                400,
                "INVALID_PARAMETER_EXCEED_MAXIMUM",
                format!("{name} holds {} ids; 100 are allowed", ids.len()),
            ));
        }
        Ok(ids)
    }

    /// Tags as objects of a key and a value, at most 20.
    pub(super) fn tags(&self, name: &str) -> Result<Vec<(String, String)>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let wrong = || wrong_type(name, "a list of objects with key and value");
        let tags = value.as_array().ok_or_else(wrong)?;
        few(name, tags.len())?;
        let text = |tag: &serde_json::Value, name: &str| tag.get(name)?.as_str().map(str::to_owned);
        let pair = |tag| Some((text(tag, "key")?, text(tag, "value")?));
        tags.iter().map(pair).collect::<Option<_>>().ok_or_else(wrong)
    }

    /// Keys of tags, at most 20.
    pub(super) fn tag_keys(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let keys = self.texts(name)?.unwrap_or_default();
        few(name, keys.len()).map(|()| keys)
    }

    pub(super) fn truth(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(serde_json::Value::Bool(truth)) => Ok(Some(*truth)),
            Some(serde_json::Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(serde_json::Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(wrong_type(name, "true or false")),
        }
    }

    /// A whole number, also where it is written as a text.
    pub(super) fn number(&self, name: &str, default: u64) -> Result<u64, Refusal> {
        let number = match self.get(name) {
            None => Some(default),
            Some(serde_json::Value::String(text)) => text.trim().parse().ok(),
            Some(value) => value.as_u64(),
        };
        number.ok_or_else(|| wrong_type(name, "a whole number"))
    }

    /// First record and number of records of the page asked for.
    pub(super) fn page(&self) -> Result<(usize, usize), Refusal> {
        let (number, size) = (self.number("pageNum", 1)?, self.number("pageSize", 20)?);
        if number == 0 || size == 0 {
            return Err(Refusal::new(
                400,
                "INVALID_PARAMETER_LESS_MINIMUM",
                "pageNum and pageSize begin at 1",
            ));
        }
        if size > 1000 {
            return Err(Refusal::new(
                400,
                "INVALID_PARAMETER_EXCEED_MAXIMUM",
                "pageSize is at most 1000",
            ));
        }
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok((whole(number - 1).saturating_mul(whole(size)), whole(size)))
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Refusal::new(
                400,
                "INVALID_PARAMETER_DATE_FORMAT_ERROR",
                format!("{name} must be written as YYYY-MM-ddTHH:mm:ssZ"),
            )
        })
    }
}

/// The page `DescribeDisks`: at most 20 tags and at most 20 keys.
fn few(name: &str, count: usize) -> Result<(), Refusal> {
    if count <= 20 {
        return Ok(());
    }
    Err(Refusal::new(
        400,
        "INVALID_PARAMETER_EXCEED_MAXIMUM",
        format!("{name} holds {count} elements; 20 are allowed"),
    ))
}

fn missing(name: &str) -> Refusal {
    Refusal::new(400, "MISSING_PARAMETER", format!("{name} is missing"))
}

fn wrong_type(name: &str, expected: &str) -> Refusal {
    Refusal::new(400, "INVALID_PARAMETER_TYPE", format!("{name} must be {expected}"))
}
