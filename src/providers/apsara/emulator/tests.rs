//! Raw requests, as any client sends them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use crate::providers::apsara::signing::{
    Acs3Signed, GatewaySigned, Parameters, canonical_query, rpc_signature,
};
use crate::providers::apsara::tests::bench_with;
use crate::providers::bench::{Bench, Setup};
use crate::sdk::auth::sha256_hex;
use crate::sdk::emulator::LedgerOperation;
use crate::sdk::http::{Method, Request, Response, form_encode, percent_encode};
use crate::world::Timestamp;

use super::access::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, APP_KEY, APP_SECRET};

fn bench() -> Bench {
    bench_with(Setup::default())
}

fn json_of(response: &Response) -> serde_json::Value {
    serde_json::from_slice(&response.body).unwrap()
}

fn pairs(pairs: &[(&str, &str)]) -> Parameters {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A request to the portal, signed by lower-case names as one of the vendor's clients does.
fn portal(action: &str, form: &Parameters, nonce: &str, now: Timestamp) -> Request {
    const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";
    let path = format!("/apsara/route/Ecs/{action}");
    let timestamp = now.epoch_milliseconds().to_string();
    let signed = GatewaySigned {
        method: "POST",
        accept: "application/json",
        content_md5: "",
        content_type: CONTENT_TYPE,
        date: "",
        headers: BTreeMap::from([
            ("x-ca-key", APP_KEY),
            ("x-ca-nonce", nonce),
            ("x-ca-timestamp", timestamp.as_str()),
        ]),
        path: &path,
        parameters: form,
    };
    let signature = signed.signature(APP_SECRET);
    Request::new(Method::Post, &format!("http://apsara.emulator{path}"))
        .unwrap()
        .header("accept", "application/json")
        .header("content-type", CONTENT_TYPE)
        .header("x-ca-key", APP_KEY)
        .header("x-ca-nonce", nonce)
        .header("x-ca-timestamp", timestamp.clone())
        .header("x-ca-signature-headers", "x-ca-nonce,x-ca-key,x-ca-timestamp")
        .header("x-ca-signature", signature)
        .body(form_encode(form.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
}

fn send(bench: &Bench, action: &str, form: &[(&str, &str)]) -> Response {
    let nonce = bench.world.ids.uuid();
    bench.answer(&portal(action, &pairs(form), &nonce, bench.now()))
}

/// Every sample value of the seed's table, masked as there.
const SAMPLE: &[(&str, &str)] = &[
    ("Description", "This is a description example."),
    ("Category", "Standard"),
    ("Tag.1.Key", "TestKey"),
    ("regionId", "cn-test-env01-d01"),
    ("Tag.1.Value", "TestValue"),
    ("RetentionDays", "30"),
    ("ClientToken", "123e4567-e89b-12d3-a456-42665544****"),
    ("SnapshotName", "test-Snapshot****"),
    ("version", "2016-01-01"),
    ("DiskId", "d-bp1s5fnvk4gn2tws0****"),
];

#[test]
fn seed_003_every_sample_value_is_accepted() {
    let bench = bench();
    let created = send(&bench, "CreateSnapshot", SAMPLE);
    assert_eq!(created.status, 200);
    let created = json_of(&created);
    assert!(created["RequestId"].is_string() && created["SnapshotId"].is_string());
    let listed = send(&bench, "DescribeSnapshots", &[("regionId", "r"), ("PageSize", "100")]);
    let listed = json_of(&listed);
    assert_eq!(listed["TotalCount"], 1);
    let snapshot = &listed["Snapshots"]["Snapshot"][0];
    assert_eq!(snapshot["SnapshotName"], "test-Snapshot****");
    assert_eq!(snapshot["RetentionDays"], 30);
    assert_eq!(snapshot["SourceDiskSize"], "40");
    assert_eq!(snapshot["Tags"]["Tag"], json!([{"TagKey": "TestKey", "TagValue": "TestValue"}]));
    assert_eq!((&snapshot["Status"], &snapshot["Progress"]), (&json!("progressing"), &json!("0%")));
}

#[test]
fn seed_003_the_sample_answer_on_demand() {
    let bench = bench_with(Setup { knobs: &[("answer_without_id", 1)], ..Setup::default() });
    let created = json_of(&send(&bench, "CreateSnapshot", SAMPLE));
    let names: Vec<_> = created.as_object().unwrap().keys().collect();
    assert_eq!(names, ["RequestID"]);
}

#[test]
fn a_client_token_makes_one_snapshot() {
    let bench = bench();
    let first = json_of(&send(&bench, "CreateSnapshot", SAMPLE));
    let again = json_of(&send(&bench, "CreateSnapshot", SAMPLE));
    assert_eq!(first["SnapshotId"], again["SnapshotId"]);
    let mut other = SAMPLE.to_vec();
    other[5] = ("RetentionDays", "31");
    let refused = send(&bench, "CreateSnapshot", &other);
    assert_eq!(json_of(&refused)["Code"], "IdempotentParameterMismatch");
    other.remove(6);
    let busy = send(&bench, "CreateSnapshot", &other);
    assert_eq!(busy.status, 403);
    assert_eq!(json_of(&busy)["Code"], "IncorrectDiskStatus.CreatingSnapshot");
    assert_eq!(bench.ledger(LedgerOperation::Create).len(), 0, "raw requests pass by the wire");
}

#[test]
fn seed_003_limits_are_enforced() {
    let bench = bench();
    let long = "t".repeat(65);
    for (change, status, code) in [
        (("SnapshotName", "auto1"), 400, "InvalidSnapshotName.Malformed"),
        (("Description", "https"), 404, "InvalidDescription.Malformed"),
        (("Tag.1.Key", "acs:x"), 400, "InvalidTagKey.Malformed"),
        (("Tag.1.Value", "http://"), 400, "InvalidTagValue.Malformed"),
        (("Tag.21.Key", "x"), 400, "NumberExceed.Tags"),
        (("Tag.2.Key", "TestKey"), 400, "Duplicate.TagKey"),
        (("RetentionDays", "65537"), 400, "InvalidRetentionDays"),
        (("Category", "Fast"), 400, "InvalidCategory.ValueNotSupported"),
        (("ClientToken", &*long), 400, "InvalidClientToken.Malformed"),
        (("regionId", ""), 400, "MissingParameter"),
        (("DiskId", ""), 400, "MissingParameter"),
        (("DiskId", "no disk"), 404, "InvalidDiskId.NotFound"),
    ] {
        let mut form = SAMPLE.to_vec();
        form.retain(|(name, _)| *name != change.0);
        form.push(change);
        let refused = send(&bench, "CreateSnapshot", &form);
        assert_eq!((refused.status, json_of(&refused)["Code"].clone()), (status, json!(code)));
    }
}

#[test]
fn the_gateway_refuses_in_its_headers() {
    let bench = bench();
    let form = pairs(&[("regionId", "r")]);
    let message = |request: &Request| {
        let refused = bench.answer(request);
        assert!(refused.body.is_empty() && refused.header_value("x-ca-request-id").is_some());
        let message = refused.header_value("x-ca-error-message").unwrap().to_owned();
        (refused.status, message.split(',').next().unwrap().to_owned())
    };
    let now = bench.now();
    let good = portal("DescribeSnapshots", &form, "n-1", now);
    assert_eq!(bench.answer(&good).status, 200);
    assert_eq!(message(&good), (400, "Nonce Used".to_owned()));
    let old = now.saturating_sub(Duration::from_secs(901));
    let expired = portal("DescribeSnapshots", &form, "n-2", old);
    assert_eq!(message(&expired), (400, "Timestamp Expired".to_owned()));
    let tampered = portal("DescribeSnapshots", &form, "n-3", now).body("regionId=other");
    assert_eq!(message(&tampered), (400, "Invalid Signature".to_owned()));
    let mut unsigned = portal("DescribeSnapshots", &form, "n-4", now);
    unsigned.headers.retain(|(name, _)| name != "x-ca-signature");
    assert_eq!(message(&unsigned), (404, "Empty Signature".to_owned()));
}

fn acs3(bench: &Bench, action: &str, query: &Parameters) -> Request {
    let mut headers: BTreeMap<String, String> = [
        ("host", "ecs.example.test:8080".to_owned()),
        ("x-acs-action", action.to_owned()),
        ("x-acs-version", "2014-05-26".to_owned()),
        ("x-acs-date", bench.now().format("%Y-%m-%dT%H:%M:%SZ")),
        ("x-acs-signature-nonce", bench.world.ids.uuid()),
        ("x-acs-content-sha256", sha256_hex(b"")),
        ("user-agent", "a client".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let signed =
        Acs3Signed { method: "POST", path: "/", query, headers: headers.clone(), body: b"" };
    headers
        .insert("authorization".to_owned(), signed.authorization(ACCESS_KEY_ID, ACCESS_KEY_SECRET));
    // The vendor's client signs `%20` and sends `+`.
    let sent = form_encode(query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let request = Request::new(Method::Post, &format!("http://apsara.emulator/?{sent}")).unwrap();
    headers.iter().fold(request, |request, (name, value)| request.header(name, value))
}

#[test]
fn acs3_signs_what_is_decoded_and_every_header_of_its_own() {
    let bench = bench();
    let query = pairs(&[
        ("RegionId", "r"),
        ("DiskId", "d-1"),
        ("Description", "夜间 快照 *~"),
        ("Tag.1.Key", "k"),
        ("Tag.1.Value", ""),
    ]);
    let request = acs3(&bench, "CreateSnapshot", &query);
    assert_eq!(bench.answer(&request).status, 200);
    assert_eq!(json_of(&bench.answer(&request))["Code"], "SignatureNonceUsed");
    let unsigned = acs3(&bench, "DescribeSnapshots", &query).header("x-acs-organizationid", "7");
    assert_eq!(json_of(&bench.answer(&unsigned))["Code"], "IncompleteSignature");
}

#[test]
fn rpc_signs_query_and_form_together() {
    let bench = bench();
    let mut all = pairs(&[
        ("Action", "CreateSnapshot"),
        ("Version", "2014-05-26"),
        ("Format", "JSON"),
        ("RegionId", "r"),
        ("AccessKeyId", ACCESS_KEY_ID),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureType", ""),
        ("SignatureNonce", "n-1"),
        ("Timestamp", "2026-11-20T12:00:00Z"),
        ("DiskId", "d-1"),
    ]);
    let form = pairs(&[("Description", "a b ö")]);
    all.extend(form.clone());
    let signature = percent_encode(&rpc_signature("POST", &all, ACCESS_KEY_SECRET));
    all.remove("Description");
    let url = format!("http://apsara.emulator/?{}&Signature={signature}", canonical_query(&all));
    let request = Request::new(Method::Post, &url)
        .unwrap()
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form_encode(form.iter().map(|(name, value)| (name.as_str(), value.as_str()))));
    let created = bench.answer(&request);
    assert_eq!(created.status, 200, "{}", created.excerpt());
    let other = request.clone().body("Description=other");
    let refused = json_of(&bench.answer(&other));
    assert_eq!(refused["Code"], "SignatureDoesNotMatch");
    assert_eq!(refused.as_object().unwrap().len(), 5);
}

#[test]
fn disks_exist_unless_a_record_says_otherwise() {
    let bench = bench();
    bench.put("disks", "d-2", &json!({ "missing": true }));
    bench.put("disks", "d-3", &json!({ "status": "Available" }));
    let form = [("regionId", "r"), ("DiskIds", r#"["d-1","d-2","d-3"]"#)];
    let disks = json_of(&send(&bench, "DescribeDisks", &form));
    assert_eq!(disks["TotalCount"], 2);
    assert_eq!(disks["Disks"]["Disk"][0]["Status"], "In_use");
    assert_eq!(disks["Disks"]["Disk"][1]["Status"], "Available");
}

#[test]
fn filters_of_snapshots_are_checked_as_documented() {
    let bench = bench();
    for (name, value, status, code) in [
        ("Status", "ready", 404, "InvalidStatus.NotFound"),
        ("SnapshotType", "timer", 404, "InvalidSnapshotType.NotFound"),
        ("Usage", "server", 400, "InvalidUsage"),
        ("SourceDiskType", "all", 400, "InvalidSourceDiskType"),
        ("SnapshotIds", "s-1", 400, "InvalidSnapshotIds.Malformed"),
        ("Filter.1.Key", "CreationEndTime", 404, "InvalidFilterKey.NotFound"),
        ("Filter.1.Key", "CreationStartTime", 404, "InvalidFilterKey.NotFound"),
        ("DryRun", "true", 400, "DryRunOperation"),
    ] {
        let refused = send(&bench, "DescribeSnapshots", &[("regionId", "r"), (name, value)]);
        let found = (refused.status, json_of(&refused)["Code"].clone());
        assert_eq!(found, (status, json!(code)), "{name}");
    }
}

#[test]
fn disks_are_listed_from_the_start_and_once_they_are_used() {
    let bench = bench();
    let listed = |form: &[(&str, &str)]| {
        let mut form = form.to_vec();
        form.push(("regionId", "r"));
        let disks = json_of(&send(&bench, "DescribeDisks", &form));
        let ids = disks["Disks"]["Disk"].as_array().unwrap().iter();
        let ids = ids.map(|disk| disk["DiskId"].as_str().unwrap().to_owned());
        (disks["TotalCount"].as_u64().unwrap(), ids.collect::<Vec<_>>())
    };
    let start = ["d-emu00000000000000001", "d-emu00000000000000002", "d-emu00000000000000003"];
    assert_eq!(listed(&[]), (3, start.map(str::to_owned).to_vec()));
    assert_eq!(listed(&[("PageSize", "2"), ("PageNumber", "2")]), (3, vec![start[2].to_owned()]));
    assert_eq!(listed(&[("PageSize", "2"), ("PageNumber", "3")]), (3, Vec::new()));
    send(&bench, "CreateSnapshot", SAMPLE);
    assert_eq!(listed(&[]).0, 4, "the disk of the snapshot is one of them");
}

#[test]
fn a_json_body_counts_through_its_md5() {
    let bench = bench();
    let body = r#"{"regionId":"r","DiskId":"d-1","RetentionDays":30}"#;
    let timestamp = bench.now().epoch_milliseconds().to_string();
    let md5 = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(crate::sdk::auth::md5(body.as_bytes()))
    };
    let signed = GatewaySigned {
        method: "POST",
        accept: "*/*",
        content_md5: &md5,
        content_type: "application/json",
        date: "",
        headers: BTreeMap::from([("X-Ca-Timestamp", timestamp.as_str())]),
        path: "/apsara/route/Ecs/CreateSnapshot",
        parameters: &Parameters::new(),
    };
    let signature = signed.signature(APP_SECRET);
    let request =
        Request::new(Method::Post, "http://apsara.emulator/apsara/route/Ecs/CreateSnapshot")
            .unwrap()
            .header("Accept", "*/*")
            .header("Content-MD5", md5.clone())
            .header("Content-Type", "application/json")
            .header("X-Ca-Key", APP_KEY)
            .header("X-Ca-Nonce", "n-1")
            .header("X-Ca-Timestamp", timestamp.clone())
            .header("X-Ca-Signature-Headers", "X-Ca-Timestamp")
            .header("X-Ca-Signature", signature)
            .body(body);
    assert_eq!(bench.answer(&request).status, 200);
    let other = request.body("{}");
    let message = bench.answer(&other).header_value("x-ca-error-message").unwrap().to_owned();
    assert_eq!(message, "Invalid Content-MD5");
}
