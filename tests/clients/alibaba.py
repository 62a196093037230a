"""`aliyun-python-sdk-core` with ECS at Alibaba Apsara Stack: native requests with RPC signatures."""
import importlib
import json
import uuid
from urllib.parse import urlparse

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient

from life import live, refused, same, until


def story(life):
    region = life.settings["region"]
    address = urlparse(life.url)

    def client(secret):
        key = life.settings["access_key_id"]
        made = AcsClient(key, secret, region, port=address.port, auto_retry=False)
        made.add_endpoint(region, "Ecs", address.hostname)
        return made

    ours = client(life.settings["access_key_secret"])

    def ask(operation, asked_by=ours, **arguments):
        name = f"{operation}Request"
        request = getattr(importlib.import_module(f"aliyunsdkecs.request.v20140526.{name}"), name)()
        for argument, value in arguments.items():
            getattr(request, f"set_{argument}")(value)
        return json.loads(asked_by.do_action_with_exception(request))

    def shown(id):
        found = ask("DescribeSnapshots", SnapshotIds=json.dumps([id]))["Snapshots"]["Snapshot"]
        return found[0] if found else None

    with life.step("listing disks"):
        disks = ask("DescribeDisks", PageSize=100)
        disk = disks["Disks"]["Disk"][0]
        same((disks["TotalCount"], disk["Status"]), (3, "In_use"))
    wanted = {
        "DiskId": disk["DiskId"], "SnapshotName": "before-upgrade", "Description": "Daily copy, 中文",
        "RetentionDays": 7, "ClientToken": str(uuid.uuid4()), "Tags": [{"Key": "env", "Value": "a b+c"}],
    }
    with life.step("making a snapshot, twice with one token"):
        id = ask("CreateSnapshot", **wanted)["SnapshotId"]
        same(ask("CreateSnapshot", **wanted)["SnapshotId"], id)
    with life.step("making another one of a disk that is busy"):
        same(shown(id)["Status"], "progressing")
        with refused(ServerException, "IncorrectDiskStatus.CreatingSnapshot"):
            ask("CreateSnapshot", DiskId=disk["DiskId"])
        until(lambda: shown(id)["Status"] == "accomplished")
    with life.step("reading it"):
        seen = shown(id)
        same(
            [seen[name] for name in ["SnapshotName", "Description", "RetentionDays", "SourceDiskId", "Progress"]],
            ["before-upgrade", "Daily copy, 中文", 7, disk["DiskId"], "100%"],
        )
        same(seen["Tags"]["Tag"], [{"TagKey": "env", "TagValue": "a b+c"}])
    with life.step("listing it by its disk and by its tag"):
        for chosen in [{"DiskId": disk["DiskId"]}, {"Tags": wanted["Tags"]}]:
            found = ask("DescribeSnapshots", **chosen)["Snapshots"]["Snapshot"]
            same([snapshot["SnapshotId"] for snapshot in found], [id])
    with life.step("changing its name, its description and its tags"):
        ask("ModifySnapshotAttribute", SnapshotId=id, SnapshotName="kept", Description="Weekly")
        ask("TagResources", ResourceType="snapshot", ResourceIds=[id], Tags=[{"Key": "kept", "Value": "yes"}])
        ask("UntagResources", ResourceType="snapshot", ResourceIds=[id], TagKeys=["env"])
        seen = shown(id)
        same((seen["SnapshotName"], seen["Description"]), ("kept", "Weekly"))
        same(seen["Tags"]["Tag"], [{"TagKey": "kept", "TagValue": "yes"}])
    with life.step("deleting it"):
        ask("DeleteSnapshot", SnapshotId=id)
        until(lambda: shown(id) is None)
    with life.step("asking for what does not exist"):
        with refused(ServerException, "InvalidSnapshotId.NotFound"):
            ask("DeleteSnapshot", SnapshotId=id)
        with refused(ServerException, "InvalidDiskId.NotFound"):
            ask("CreateSnapshot", DiskId="no!")
    with life.step("signing with a wrong secret"):
        # The client says this only where the vendor signed the very text that it signed itself.
        with refused(ServerException, "InvalidAccessKeySecret"):
            ask("DescribeDisks", asked_by=client("wrong"))
    with life.step("comparing with the ledger"):
        did = [operation for operation, _ in life.ledger(id)]
        same((did[0], did[-1], set(did[1:-1])), ("create", "delete", {"change"}))


live("apsara", "aliyun-python-sdk-ecs", story)
