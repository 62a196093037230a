//! The arguments and attributes of an ECS snapshot with their rules.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::schema::{Attribute, Problem, Rule};
use crate::value::{Type, Value};

use super::rules;

/// "The value range of n is 1~20."
pub(super) const MOST_TAGS: usize = 20;

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Arguments {
    pub(super) disk_id: String,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) category: Option<String>,
    pub(super) retention_days: Option<u64>,
    pub(super) tags: Option<BTreeMap<String, String>>,
    pub(super) force_delete: Option<bool>,
}

pub(super) fn attributes() -> Vec<Attribute> {
    let mut attributes = settable();
    attributes.extend(computed());
    attributes
}

fn settable() -> Vec<Attribute> {
    vec![
        Attribute::required("disk_id", Type::String, "Id of the disk to copy.").force_new().rule(
            Rule::text("not empty", |text| {
                if text.trim().is_empty() { Err("must not be empty".to_owned()) } else { Ok(()) }
            }),
        ),
        Attribute::optional_computed(
            "name",
            Type::String,
            "Name of the snapshot; the vendor chooses one where it is absent.",
        )
        .rule(Rule::text(
            "2 to 128 letters, Chinese characters, digits, `:`, `_` and `-`, starting with a \
             letter or Chinese character, not with `auto`, `http://` or `https`",
            rules::name,
        )),
        Attribute::optional("description", Type::String, "Description of the snapshot.").rule(
            Rule::text(
                "2 to 256 characters, or none, not starting with `http://` or `https`",
                rules::description,
            ),
        ),
        Attribute::optional_computed(
            "category",
            Type::String,
            "`Standard` for a normal snapshot, `Flash` for a local one.",
        )
        .force_new()
        .rule(Rule::one_of(&["Standard", "Flash"]))
        .equivalent(same_but_for_case),
        Attribute::optional(
            "retention_days",
            Type::Number,
            "Days after its creation at which the vendor deletes the snapshot. Without it the \
             snapshot is kept for ever. With `auth_mode` `acs3` or `rpc`, more days are set in \
             place.",
        )
        .force_new()
        .rule(Rule::whole_number(1, 65536)),
        tags_attribute("Tags of the snapshot."),
        Attribute::optional(
            "force_delete",
            Type::Bool,
            "Whether a delete goes through although an image or disk was made from the snapshot.",
        )
        .record_only()
        .default(false),
    ]
}

/// Tags, with the seed's rules for them.
pub(super) fn tags_attribute(description: &'static str) -> Attribute {
    Attribute::optional("tags", Type::map(Type::String), description).rule(Rule::new(
        "at most 20 tags; keys of 1 to 128 characters, not starting with `aliyun` or `acs:`; values \
         of at most 128, not starting with `acs:`; neither with `http://` or `https://` in it",
        tags_rule,
    ))
}

fn computed() -> Vec<Attribute> {
    let text = |name, description| Attribute::computed(name, Type::String, description);
    vec![
        text("id", "The vendor's id of the snapshot."),
        text("client_token", "The token with which it was created."),
        text("status", "`progressing`, `accomplished` or `failed`."),
        text("progress", "How much of it is made, such as `37%`."),
        text("creation_time", "When it was created."),
        text("expires_at", "When the vendor deletes it; null where it is kept for ever."),
        Attribute::computed("source_disk_size", Type::Number, "Size of the disk in GiB."),
        text("source_disk_type", "`system` or `data`."),
        text("snapshot_type", "`user`, or `auto` or `timer` where a policy made it."),
        text("usage", "What was made from it: `image`, `disk`, `image_disk` or `none`."),
        Attribute::computed("encrypted", Type::Bool, "Whether it is encrypted."),
        text("kms_key_id", "Key with which it is encrypted."),
        text("resource_group", "Resource group in which it is."),
    ]
}

/// Advice that a rule would be too strict for: the form of ids is only seen, not documented.
pub(super) fn validate(arguments: &Value) -> Vec<Problem> {
    let Some(disk) = arguments.attribute("disk_id").map(Value::reveal) else { return Vec::new() };
    let Some(disk) = disk.as_str().filter(|disk| !disk.is_empty()) else { return Vec::new() };
    if disk.starts_with("d-") {
        return Vec::new();
    }
    vec![
        Problem::advice("disk_id", format!("`{disk}` does not look like a disk's id."))
            .help("ids of disks begin with `d-`"),
    ]
}

fn tags_rule(tags: &Value) -> Result<(), String> {
    let tags = tags.entries().unwrap_or_default();
    if tags.len() > MOST_TAGS {
        return Err(format!("must have at most {MOST_TAGS} tags, not {}", tags.len()));
    }
    for (key, value) in tags {
        rules::tag_key(key)?;
        let value = value
            .as_str()
            .ok_or_else(|| format!("must have a value for each tag; `{key}` has none"))?;
        rules::tag_value(value)?;
    }
    Ok(())
}

fn same_but_for_case(prior: &Value, desired: &Value) -> bool {
    match (prior.as_str(), desired.as_str()) {
        (Some(prior), Some(desired)) => prior.eq_ignore_ascii_case(desired),
        _ => false,
    }
}
