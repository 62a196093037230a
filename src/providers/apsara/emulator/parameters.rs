//! The parameters of an operation, checked one by one as the vendor does.

use std::collections::BTreeMap;

use crate::providers::apsara::lenient::text_of;
use crate::providers::apsara::rules;
use crate::providers::apsara::signing::Parameters;
use crate::sdk::http::Request;

use super::{Refusal, Route};

/// An operation of somebody who may ask for it.
pub(super) struct Checked {
    pub(super) route: Route,
    pub(super) action: String,
    /// Without those that only sign.
    pub(super) parameters: Parameters,
}

/// The fields of a form.
pub(super) fn of_form(request: &Request) -> Parameters {
    let content_type = request.header_value("content-type").unwrap_or_default();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        request.form_pairs().into_iter().collect()
    } else {
        Parameters::new()
    }
}

/// The fields of a form, or those of a JSON object.
pub(super) fn of_body(request: &Request) -> Parameters {
    let content_type = request.header_value("content-type").unwrap_or_default();
    if !content_type.starts_with("application/json") {
        return of_form(request);
    }
    let body: serde_json::Map<String, serde_json::Value> = request.json_body().unwrap_or_default();
    body.into_iter().filter_map(|(name, value)| Some((name, text_of(&value)?))).collect()
}

impl Checked {
    /// The parameter, unless it is absent or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).ok_or_else(|| {
            Refusal::service(400, "MissingParameter", format!("the parameter {name} is missing"))
        })
    }

    /// The seed: `regionId` is required; natively it is `RegionId`.
    pub(super) fn check_region(&self) -> Result<(), Refusal> {
        let name = if self.route == Route::Portal { "regionId" } else { "RegionId" };
        self.required(name).map(|_| ())
    }

    pub(super) fn number(
        &self,
        name: &str,
        allowed: std::ops::RangeInclusive<u64>,
        code: &'static str,
    ) -> Result<Option<u64>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.trim().parse().ok().filter(|number| allowed.contains(number));
        number.map(Some).ok_or_else(|| {
            let (least, most) = (allowed.start(), allowed.end());
            Refusal::service(400, code, format!("{name} must be {least} to {most}, not {text}"))
        })
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// A JSON array of ids as text, at most 100.
    pub(super) fn ids(
        &self,
        name: &str,
        code: &'static str,
    ) -> Result<Option<Vec<String>>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let ids: Option<Vec<String>> = serde_json::from_str(text).ok();
        ids.filter(|ids| ids.len() <= 100).map(Some).ok_or_else(|| {
            Refusal::service(400, code, format!("{name} must be a JSON array of at most 100 ids"))
        })
    }

    /// First record and number of records of the page asked for, with number and size.
    pub(super) fn page(&self) -> Result<Page, Refusal> {
        let number = self.number("PageNumber", 1..=100_000, "InvalidPageNumber")?.unwrap_or(1);
        let size = self.number("PageSize", 1..=100, "InvalidPageSize")?.unwrap_or(10);
        Ok(Page { number, size })
    }

    /// Values of `<name>.N`, N from 1.
    pub(super) fn numbered(&self, name: &str, most: usize) -> Vec<&str> {
        (1..=most).filter_map(|number| self.text(&format!("{name}.{number}"))).collect()
    }

    /// `Tag.N.Key` and `Tag.N.Value` with the seed's rules.
    pub(super) fn tags(&self) -> Result<BTreeMap<String, String>, Refusal> {
        let mut tags = BTreeMap::new();
        for (name, key) in &self.parameters {
            let Some(number) = name.strip_prefix("Tag.").and_then(|rest| rest.strip_suffix(".Key"))
            else {
                continue;
            };
            if !number.parse().is_ok_and(|number: u64| (1..=20).contains(&number)) {
                return Err(Refusal::service(400, "NumberExceed.Tags", "20 tags are allowed"));
            }
            let value =
                self.parameters.get(&format!("Tag.{number}.Value")).cloned().unwrap_or_default();
            rules::tag_key(key).map_err(|reason| {
                Refusal::service(400, "InvalidTagKey.Malformed", format!("{name} {reason}"))
            })?;
            rules::tag_value(&value).map_err(|reason| {
                Refusal::service(
                    400,
                    "InvalidTagValue.Malformed",
                    format!("Tag.{number}.Value {reason}"),
                )
            })?;
            if tags.insert(key.clone(), value).is_some() {
                return Err(Refusal::service(400, "Duplicate.TagKey", "a tag key comes twice"));
            }
        }
        Ok(tags)
    }
}

/// The page of a list that is asked for.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub(super) number: u64,
    pub(super) size: u64,
}

impl Page {
    /// The records on this page.
    pub(super) fn of<T>(self, records: Vec<T>) -> impl Iterator<Item = T> {
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let first = whole((self.number - 1).saturating_mul(self.size));
        records.into_iter().skip(first).take(whole(self.size))
    }
}
