//! Servers that are unlike the emulator: lists without an end, filters that are ignored, records in
//! other forms, operations that are missing.

use std::sync::Arc;

use crate::sdk::ProviderError;
use crate::sdk::http::{Response, Transport, TransportError};
use crate::world::BoxFuture;

use super::data::{
    DISKS, FIRST, MODES, SECOND, SNAPSHOTS, THIRD, configured, first, ids_of, list, spec, whole,
};
use super::*;

/// A server that answers every list with the same page, whatever filter is asked for.
struct Stubborn {
    total: u64,
    disks: serde_json::Value,
    snapshots: serde_json::Value,
}

impl Stubborn {
    /// Two disks and a snapshot of each, out of `total`.
    fn two(total: u64) -> Self {
        let disks = json!([
            { "DiskId": FIRST, "DiskName": "a", "Type": "data", "Status": "In_use" },
            { "DiskId": SECOND, "DiskName": "b", "Type": "system", "Status": "In_use" },
        ]);
        let snapshots = json!([
            { "SnapshotId": "s-1", "SourceDiskId": FIRST, "Category": "standard" },
            { "SnapshotId": "s-2", "SourceDiskId": SECOND, "Category": "flash" },
        ]);
        Self { total, disks, snapshots }
    }
}

impl Transport for Stubborn {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let answer = match operation(&request).as_str() {
            "DescribeDisks" => {
                json!({ "TotalCount": self.total, "Disks": { "Disk": self.disks } })
            }
            "DescribeSnapshots" => {
                json!({ "TotalCount": self.total, "Snapshots": { "Snapshot": self.snapshots } })
            }
            other => panic!("{other}"),
        };
        Box::pin(std::future::ready(Ok(Response::json(200, &answer))))
    }
}

#[tokio::test]
async fn a_list_without_an_end_is_an_error_for_data_and_refresh_alike() {
    let bench = bench();
    for mode in MODES {
        let configured = configured(&bench, mode, Arc::new(Stubborn::two(7)));
        let mut errors: Vec<ProviderError> = Vec::new();
        for data in [DISKS, SNAPSHOTS] {
            let arguments = whole(&spec(data).schema, &[]);
            errors
                .push(configured.data[data].read(&bench.context(), &arguments).await.unwrap_err());
        }
        let objects = [bench.imported("s-1"), bench.imported("s-2")];
        let readings = configured.resources[TYPE].read_many(&bench.context(), &objects).await;
        errors.extend(readings.into_iter().map(Result::unwrap_err));
        assert_eq!(errors.len(), 4);
        for error in errors {
            assert_eq!(error.kind, ErrorKind::Answer, "{error}");
            assert!(error.message.contains("a record came twice"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_filter_that_a_release_ignores_holds_all_the_same() {
    let bench = bench();
    let configured = configured(&bench, "apigw", Arc::new(Stubborn::two(2)));
    for (data, name, value, expected) in [
        (DISKS, "disk_ids", list(&[SECOND, THIRD]), SECOND),
        (DISKS, "disk_type", "system".into(), SECOND),
        (DISKS, "name", "a".into(), FIRST),
        (SNAPSHOTS, "snapshot_ids", list(&["s-2"]), "s-2"),
        (SNAPSHOTS, "disk_id", FIRST.into(), "s-1"),
        (SNAPSHOTS, "category", "Flash".into(), "s-2"),
    ] {
        let arguments = whole(&spec(data).schema, &[(name, value)]);
        let found = configured.data[data].read(&bench.context(), &arguments).await.unwrap();
        assert_eq!(ids_of(&found), [expected], "{data} {name}");
    }
}

#[tokio::test]
async fn records_may_be_sparse_and_written_otherwise() {
    let bench = bench();
    let disks = json!([
        { "DiskId": "d-5", "CreationTime": "2026-03-01 00:00:00" },
        { "DiskId": "d-4", "CreationTime": "2026-02-01T08:00+08:00", "Size": "40",
          "Encrypted": "True", "KMSKeyId": "", "OperationLocks": null },
        { "DiskId": "d-3", "CreationTime": "yesterday", "Tags": { "Tag": null } },
        { "DiskId": "d-2", "Tags": { "Tag": [{ "Key": "k", "Value": "v" }, { "TagKey": "l" }] } },
    ]);
    let snapshots = json!([
        { "SnapshotId": "s-9", "CreationTime": "2026-03-01T00:00:00Z", "RetentionDays": "7",
          "RemainTime": "12", "Available": "false" },
        { "SnapshotId": "s-99", "RetentionDays": "" },
    ]);
    for (data, total, filters) in
        [(DISKS, 4, vec![]), (SNAPSHOTS, 2, vec![("most_recent", Value::TRUE)])]
    {
        let server = Stubborn { total, disks: disks.clone(), snapshots: snapshots.clone() };
        let configured = configured(&bench, "rpc", Arc::new(server));
        let arguments = whole(&spec(data).schema, &filters);
        let found = configured.data[data].read(&bench.context(), &arguments).await.unwrap();
        if data == SNAPSHOTS {
            let newest = first(&found, "snapshots");
            assert_eq!(ids_of(&found), ["s-9"], "without a readable time none is the newest");
            assert_eq!(newest.attribute("retention_days"), Some(&Value::from(7)));
            assert_eq!(newest.attribute("remain_time"), Some(&Value::from(12)));
            assert_eq!(newest.attribute("available"), Some(&false.into()));
            continue;
        }
        assert_eq!(ids_of(&found), ["d-2", "d-3", "d-4", "d-5"]);
        let disks = found.attribute("disks").unwrap().children().cloned().collect::<Vec<_>>();
        assert_eq!(disks[0].attribute("tags"), Some(&tags(&[("k", "v"), ("l", "")])));
        assert_eq!(disks[2].attribute("size"), Some(&Value::from(40)));
        assert_eq!(disks[2].attribute("encrypted"), Some(&Value::TRUE));
        assert!(disks[2].attribute("kms_key_id").unwrap().is_null());
    }
}

/// A portal without the operation that is asked for.
struct Unpublished;

impl Transport for Unpublished {
    fn send(&self, _request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let answer = Response::new(400).header("X-Ca-Error-Message", "API Not Found");
        Box::pin(std::future::ready(Ok(answer)))
    }
}

#[tokio::test]
async fn a_portal_that_does_not_list_disks_is_told_with_the_way_around_it() {
    let bench = bench();
    for (mode, data, expected) in
        [("apigw", DISKS, Some("`auth_mode`")), ("rpc", DISKS, None), ("apigw", SNAPSHOTS, None)]
    {
        let configured = configured(&bench, mode, Arc::new(Unpublished));
        let arguments = whole(&spec(data).schema, &[]);
        let error = configured.data[data].read(&bench.context(), &arguments).await.unwrap_err();
        let is_unpublished = expected.is_some();
        let kind = if is_unpublished { ErrorKind::Unsupported } else { ErrorKind::Refused };
        assert_eq!(error.kind, kind, "{mode} {data}");
        let help = error.help.unwrap_or_default();
        assert_eq!(help.contains("not every portal"), expected.is_some(), "{mode} {data}: {help}");
        assert!(expected.is_none_or(|word| help.contains(word)), "{help}");
    }
}
