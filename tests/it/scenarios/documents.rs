//! What counts in the documents of plans and states.

use serde_json::{Map, Value as Json, json};

use super::numbers::line;
use super::texts::squeeze;

/// The parts of an object that are there and not null.
pub(super) fn some(item: &Json, names: &[&str]) -> Map<String, Json> {
    let parts = names.iter().map(|name| ((*name).to_owned(), item[name].clone()));
    parts.filter(|(_, part)| !part.is_null()).collect()
}

fn items(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn parts(value: &Json) -> impl Iterator<Item = (&String, &Json)> {
    value.as_object().into_iter().flatten()
}

/// A list in an order that says nothing.
pub(super) fn sorted(value: &Json) -> Json {
    let mut items = items(value).to_vec();
    items.sort_by_cached_key(line);
    Json::Array(items)
}

/// A list as an object, so that differences are told by address and order does not count.
fn keyed(items: impl Iterator<Item = Json>, key: impl Fn(&Json) -> String) -> Json {
    let mut items: Vec<_> = items.map(|item| (key(&item), item)).collect();
    items.sort_by_cached_key(|(name, item)| (name.clone(), line(item)));
    let mut object = Map::new();
    for (mut name, item) in items {
        while object.contains_key(&name) {
            name.push('\'');
        }
        object.insert(name, item);
    }
    Json::Object(object)
}

/// What an unknown or sensitive shape says, without the parts that are false or empty. Places in
/// lists stay.
fn shape(value: &Json) -> Json {
    match value {
        Json::Object(_) => {
            let parts = parts(value).map(|(name, part)| (name.clone(), shape(part)));
            let parts: Map<_, _> = parts.filter(|(_, part)| *part != Json::Bool(false)).collect();
            if parts.is_empty() { false.into() } else { Json::Object(parts) }
        }
        Json::Array(items) => {
            let items: Vec<_> = items.iter().map(shape).collect();
            let says = items.iter().any(|item| *item != Json::Bool(false));
            if says { Json::Array(items) } else { false.into() }
        }
        other => (*other == Json::Bool(true)).into(),
    }
}

fn change(change: &Json) -> Json {
    let mut view = json!({
        "actions": change["actions"], "before": change["before"], "after": change["after"],
        "after_unknown": shape(&change["after_unknown"]),
        "before_sensitive": shape(&change["before_sensitive"]),
        "after_sensitive": shape(&change["after_sensitive"]),
        "replace_paths": sorted(&change["replace_paths"]),
        "importing": change["importing"],
    });
    if let Some(written) = change["generated_config"].as_str().filter(|text| !text.is_empty()) {
        view["generated_config"] = squeeze(written);
    }
    view
}

fn addressed(item: &Json, deposed: &str) -> String {
    let mark = if item[deposed].is_null() { "" } else { " deposed" };
    format!("{}{mark}", item["address"].as_str().unwrap_or_default())
}

fn changes(list: &Json) -> Json {
    const NAMES: [&str; 8] = [
        "address",
        "previous_address",
        "module_address",
        "mode",
        "type",
        "name",
        "index",
        "action_reason",
    ];
    let views = items(list).iter().map(|item| {
        let mut view = some(item, &NAMES);
        if !item["deposed"].is_null() {
            view.insert("deposed".into(), "<deposed>".into());
        }
        view.insert("change".into(), change(&item["change"]));
        Json::Object(view)
    });
    keyed(views, |item| addressed(item, "deposed"))
}

fn outputs(list: &Json) -> Json {
    let views = parts(list).map(|(name, output)| {
        let mut view = some(output, &["type"]);
        view.insert("value".into(), output["value"].clone());
        view.insert("sensitive".into(), (output["sensitive"] == true).into());
        (name.clone(), Json::Object(view))
    });
    Json::Object(views.collect())
}

fn module(module: &Json) -> Map<String, Json> {
    const NAMES: [&str; 7] = ["address", "mode", "type", "name", "index", "values", "tainted"];
    let resources = items(&module["resources"]).iter().map(|item| {
        let mut view = some(item, &NAMES);
        if !item["deposed_key"].is_null() {
            view.insert("deposed_key".into(), "<deposed>".into());
        }
        view.insert("sensitive_values".into(), shape(&item["sensitive_values"]));
        view.insert("depends_on".into(), sorted(&item["depends_on"]));
        Json::Object(view)
    });
    let resources = keyed(resources, |item| addressed(item, "deposed_key"));
    let children = items(&module["child_modules"]).iter().map(|child| {
        (
            child["address"].as_str().unwrap_or_default().to_owned(),
            Json::Object(self::module(child)),
        )
    });
    let mut view = Map::new();
    view.insert("modules".into(), Json::Object(children.collect()));
    view.insert("resources".into(), resources);
    view
}

fn values(values: &Json) -> Map<String, Json> {
    let mut view = module(&values["root_module"]);
    view.insert("outputs".into(), outputs(&values["outputs"]));
    view
}

fn checks(list: &Json) -> Json {
    let named = |item: &Json| item["address"]["to_display"].as_str().unwrap_or_default().to_owned();
    let instance = |item: &Json| {
        let problems = items(&item["problems"]).iter().map(|problem| problem["message"].clone());
        let problems = sorted(&problems.collect());
        json!({ "address": item["address"], "status": item["status"], "problems": problems })
    };
    let views = items(list).iter().map(|check| {
        let instances = keyed(items(&check["instances"]).iter().map(instance), named);
        json!({ "address": check["address"], "status": check["status"], "instances": instances })
    });
    keyed(views, named)
}

/// A plan: what changes, what was and what will be.
pub(super) fn plan(plan: &Json) -> Json {
    let output_changes =
        parts(&plan["output_changes"]).map(|(name, output)| (name.clone(), change(output)));
    let variables =
        parts(&plan["variables"]).map(|(name, variable)| (name.clone(), variable["value"].clone()));
    json!({
        "resource_changes": changes(&plan["resource_changes"]),
        "resource_drift": changes(&plan["resource_drift"]),
        "output_changes": output_changes.collect::<Map<_, _>>(),
        "planned_values": values(&plan["planned_values"]),
        "prior_state": values(&plan["prior_state"]["values"]),
        "checks": checks(&plan["checks"]),
        "variables": variables.collect::<Map<_, _>>(),
        "applyable": plan["applyable"] == true,
        "complete": plan["complete"] == true,
        "errored": plan["errored"] == true,
    })
}

/// The attributes that a plan rests on.
pub(super) fn relevant(plan: &Json) -> Json {
    let views = items(&plan["relevant_attributes"])
        .iter()
        .map(|item| json!({ "resource": item["resource"], "attribute": item["attribute"] }));
    sorted(&views.collect())
}

/// The configuration in a plan.
pub(super) fn configuration(plan: &Json) -> Json {
    fn module(of: &Json) -> Json {
        let calls = parts(&of["module_calls"]).map(|(name, call)| {
            let mut call = call.as_object().cloned().unwrap_or_default();
            let inner = call.get("module").cloned().unwrap_or_default();
            call.insert("module".into(), module(&inner));
            (name.clone(), Json::Object(call))
        });
        let mut view = of.as_object().cloned().unwrap_or_default();
        let resources = items(&of["resources"]).iter().cloned();
        let name = |item: &Json| item["address"].as_str().unwrap_or_default().to_owned();
        view.insert("resources".into(), keyed(resources, name));
        view.insert("module_calls".into(), Json::Object(calls.collect()));
        Json::Object(view)
    }
    tidy(&module(&plan["configuration"]["root_module"]))
}

fn tidy(value: &Json) -> Json {
    const OWN: [&str; 4] = ["full_name", "provider_name", "version_constraint", "schema_version"];
    match value {
        Json::Object(_) => {
            let kept = parts(value).filter(|(name, _)| !OWN.contains(&name.as_str()));
            let tidied = kept.map(|(name, part)| {
                let lists = ["references", "depends_on"].contains(&name.as_str());
                let part = tidy(part);
                (name.clone(), if lists { sorted(&part) } else { part })
            });
            Json::Object(tidied.collect())
        }
        Json::Array(items) => items.iter().map(tidy).collect(),
        other => other.clone(),
    }
}

/// The state as it is shown to programs.
pub(super) fn shown(document: &Json) -> Json {
    let mut view = values(&document["values"]);
    view.insert("checks".into(), checks(&document["checks"]));
    Json::Object(view)
}

/// The state as it is kept.
pub(super) fn pulled(state: &Json) -> Json {
    let views = items(&state["resources"]).iter().map(|resource| {
        let mut view = some(resource, &["module", "mode", "type", "name", "each", "provider"]);
        let instances = items(&resource["instances"]).iter().map(pulled_instance);
        let key = |item: &Json| {
            let mark = if item["deposed"].is_null() { "" } else { " deposed" };
            format!("{}{mark}", line(&item["index_key"]))
        };
        view.insert("instances".into(), keyed(instances, key));
        Json::Object(view)
    });
    let resources = keyed(views, |resource| {
        let mode = if resource["mode"] == "data" { "data" } else { "" };
        let text = |name: &str| resource[name].as_str().unwrap_or_default();
        let name = [text("module"), mode, text("type"), text("name")];
        name.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
    });
    json!({ "outputs": outputs(&state["outputs"]), "resources": resources })
}

fn pulled_instance(instance: &Json) -> Json {
    const NAMES: [&str; 5] =
        ["index_key", "status", "create_before_destroy", "attributes", "attributes_flat"];
    let mut view = some(instance, &NAMES);
    if !instance["deposed"].is_null() {
        view.insert("deposed".into(), "<deposed>".into());
    }
    view.insert("dependencies".into(), sorted(&instance["dependencies"]));
    view.insert("sensitive_attributes".into(), sorted(&instance["sensitive_attributes"]));
    Json::Object(view)
}
