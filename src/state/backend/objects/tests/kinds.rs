//! Settings: what is made of them, and what is wrong with them.

use crate::sdk::Environment;
use crate::value::Value;

use super::super::super::Kind;
use super::super::{Azurerm, Gcs, S3};

/// Where the state of a workspace would be, or the settings with problems.
fn place(
    kind: &dyn Kind,
    settings: &[(&str, Value)],
    environment: &[(&str, &str)],
) -> Result<String, Vec<String>> {
    let value = Value::object(settings.iter().map(|(name, value)| (*name, value.clone())));
    let text = |text: &&str| (*text).to_owned();
    let environment: Environment =
        environment.iter().map(|(name, value)| (text(name), text(value))).collect();
    match kind.configure(&value, &environment) {
        Ok(store) => Ok(store.workspace("dev").unwrap().place()),
        Err(problems) => Err(problems.iter().map(|problem| problem.message.clone()).collect()),
    }
}

fn with<'a>(
    base: &[(&'a str, Value)],
    name: &'a str,
    value: impl Into<Value>,
) -> Vec<(&'a str, Value)> {
    let mut all: Vec<_> = base.iter().filter(|(other, _)| *other != name).cloned().collect();
    all.push((name, value.into()));
    all
}

fn complains(found: &Result<String, Vec<String>>, about: &str) {
    let problems = found.as_ref().expect_err(about);
    assert!(problems.iter().any(|problem| problem.contains(about)), "{about}: {problems:?}");
}

#[test]
fn s3_takes_what_terraform_takes_and_says_what_it_cannot_honour() {
    let base = [
        ("bucket", Value::from("b")),
        ("key", Value::from("a/state")),
        ("region", Value::from("eu-central-1")),
    ];
    let keys = [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")];
    let made = |settings: &[(&str, Value)]| place(&S3, settings, &keys);
    assert_eq!(made(&base), Ok("s3://b/env:/dev/a/state".to_owned()));
    let prefixed = with(&base, "workspace_key_prefix", "spaces");
    assert_eq!(made(&prefixed), Ok("s3://b/spaces/dev/a/state".to_owned()));
    for (name, value) in [
        ("encrypt", Value::from(true)),
        ("use_lockfile", Value::from(true)),
        ("skip_region_validation", Value::from(true)),
        ("insecure", Value::from(false)),
        ("endpoints", Value::object([("s3", Value::from("https://store.example"))])),
        ("lease", Value::from("1m")),
    ] {
        assert!(made(&with(&base, name, value)).is_ok(), "{name}");
    }
    for (name, value, about) in [
        ("dynamodb_table", Value::from("locks"), "`dynamodb_table` cannot be honoured"),
        ("profile", Value::from("work"), "`profile` cannot be honoured"),
        ("insecure", Value::from(true), "`insecure` cannot be honoured"),
        ("use_lockfile", Value::from(false), "always a lock"),
        ("kms_key_id", Value::from("k"), "`encrypt = true`"),
        ("endpoint", Value::from("http://far.example"), "must begin with https://"),
        ("endpoints", Value::object([("iam", Value::from("https://x"))]), "`endpoints.iam`"),
        ("lease", Value::from("1s"), "from 3s to 1h"),
        ("key", Value::from("a//b"), "cannot be the name"),
        ("bucket", Value::from(""), "`bucket` is not set"),
    ] {
        complains(&made(&with(&base, name, value)), about);
    }
    complains(&place(&S3, &base, &[("AWS_PROFILE", "work")]), "`AWS_PROFILE`");
    complains(&place(&S3, &base, &[("AWS_EC2_METADATA_DISABLED", "true")]), "no credentials");
    complains(&place(&S3, &base, &keys[..1]), "without `secret_key`");
    let role = [("AWS_ROLE_ARN", "arn"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")];
    assert!(place(&S3, &base, &role).is_ok());
}

#[test]
fn gcs_takes_what_terraform_takes_and_says_what_it_cannot_honour() {
    let base = [("bucket", Value::from("b")), ("access_token", Value::from("t"))];
    let made = |settings: &[(&str, Value)]| place(&Gcs, settings, &[]);
    assert_eq!(made(&base), Ok("gs://b/dev.tfstate".to_owned()));
    assert_eq!(made(&with(&base, "prefix", "/a/b/")), Ok("gs://b/a/b/dev.tfstate".to_owned()));
    let about = "`encryption_key` cannot be honoured";
    complains(&made(&with(&base, "encryption_key", "k")), about);
    complains(&place(&Gcs, &base, &[("GOOGLE_ENCRYPTION_KEY", "k")]), about);
    complains(&place(&Gcs, &base[1..], &[]), "`bucket` is not set");
}

#[test]
fn azurerm_takes_what_terraform_takes_and_says_what_it_cannot_honour() {
    let base = [
        ("storage_account_name", Value::from("acc")),
        ("container_name", Value::from("c")),
        ("key", Value::from("k")),
    ];
    let key = [("ARM_ACCESS_KEY", "a2V5")];
    assert_eq!(place(&Azurerm, &base, &key), Ok("azurerm://acc/c/kenv:dev".to_owned()));
    assert!(place(&Azurerm, &base, &[("ARM_SAS_TOKEN", "?sv=1&sig=x")]).is_ok());
    complains(&place(&Azurerm, &base, &[]), "neither `access_key` nor `sas_token`");
    let signed_in = [
        ("ARM_USE_AZUREAD", "true"),
        ("ARM_TENANT_ID", "t"),
        ("ARM_CLIENT_ID", "i"),
        ("ARM_CLIENT_SECRET", "s"),
    ];
    assert!(place(&Azurerm, &base, &signed_in).is_ok());
    let nobody = [("ARM_USE_AZUREAD", "true"), ("ARM_USE_CLI", "false")];
    complains(&place(&Azurerm, &base, &nobody), "who signs in");
    for (name, value) in
        [("snapshot", Value::from(true)), ("endpoint", Value::from("https://arm.example"))]
    {
        let about = format!("`{name}` cannot be honoured");
        complains(&place(&Azurerm, &with(&base, name, value), &key), &about);
    }
    complains(&place(&Azurerm, &with(&base, "environment", "moon"), &key), "environment");
}
