"""`zenlayercloud-sdk-python` at Zenlayer: snapshots of disks, changed in place."""
import datetime
from urllib.parse import urlparse

from zenlayercloud.common.config import Config
from zenlayercloud.common.credential import Credential, TokenCredential
from zenlayercloud.common.excpetion.zenlayer_cloud_sdk_exception import ZenlayerCloudSdkException
from zenlayercloud.zec.v20250901 import models
from zenlayercloud.zec.v20250901.zec_client import ZecClient

from life import live, refused, same, until


def ask(operation, **arguments):
    """Calls an operation of the client with its own model of a request."""
    request = getattr(models, f"{operation.__name__}Request")()
    for name, value in arguments.items():
        setattr(request, name, value)
    return operation(request)


def story(life):
    config = Config(scheme="http", domain=urlparse(life.url).netloc)
    key = Credential(life.settings["access_key_id"], life.settings["access_key_password"])
    client = ZecClient(key, config)

    def shown(id):
        answer = ask(client.DescribeSnapshots, snapshotIds=[id])
        same(answer.totalCount, len(answer.dataSet))
        return answer.dataSet[0] if answer.dataSet else None

    with life.step("listing disks"):
        disks = ask(client.DescribeDisks, pageSize=100)
        disk = disks.dataSet[0].diskId
        same([disks.totalCount, disks.dataSet[0].diskStatus], [3, "IN_USE"])
    with life.step("making a snapshot"):
        id = ask(client.CreateSnapshot, diskId=disk, snapshotName="before-upgrade").snapshotId
        same(shown(id).status, "CREATING")
    with life.step("making another one of a disk that is busy"):
        with refused(ZenlayerCloudSdkException, "UNSUPPORTED_OPERATION_DISK_STATUS"):
            ask(client.CreateSnapshot, diskId=disk, snapshotName="too-early")
        until(lambda: shown(id).status == "AVAILABLE")
    with life.step("reading it"):
        seen = shown(id)
        same(
            (seen.snapshotName, seen.diskId, seen.snapshotType, seen.retentionTime, seen.diskAbility),
            ("before-upgrade", disk, "Manual", None, True),
        )
        same(seen.resourceGroup.resourceGroupId, disks.dataSet[0].resourceGroupId)
    with life.step("listing it, also with a token"):
        for other in [client, ZecClient(TokenCredential(life.others["token"]), config)]:
            answer = ask(other.DescribeSnapshots, diskIds=[disk], pageNum=1, pageSize=10)
            same([snapshot.snapshotId for snapshot in answer.dataSet], [id])
    with life.step("changing its name and its end"):
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)
        end = end.strftime("%Y-%m-%dT%H:%M:%SZ")
        ask(client.ModifySnapshotsAttribute, snapshotIds=[id], snapshotName="kept", retentionTime=end)
        same((shown(id).snapshotName, shown(id).retentionTime), ("kept", end))
        ask(client.ModifySnapshotsAttribute, snapshotIds=[id], isPermanent=True)
        same(shown(id).retentionTime, None)
    with life.step("taking its disk back to it"):
        ask(client.ApplySnapshot, snapshotId=id, diskId=disk)
        until(lambda: shown(id).status == "AVAILABLE")
    with life.step("asking for an end that is too near"):
        with refused(ZenlayerCloudSdkException, "INVALID_SNAPSHOT_RETENTION_TIME"):
            near = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            ask(client.CreateSnapshot, diskId=disk, snapshotName="too-short", retentionTime=near)
    with life.step("deleting it"):
        # Those that cannot be deleted come back inside a success.
        same(ask(client.DeleteSnapshots, snapshotIds=[id]).snapshotIds, [])
        until(lambda: shown(id) is None)
    with life.step("asking for what does not exist"):
        with refused(ZenlayerCloudSdkException, "INVALID_DISK_SNAPSHOT_NOT_FOUND"):
            ask(client.ModifySnapshotsAttribute, snapshotIds=[id], snapshotName="gone")
        with refused(ZenlayerCloudSdkException, "INVALID_DISK_NOT_FOUND"):
            ask(client.CreateSnapshot, diskId="no!", snapshotName="nothing")
    with life.step("signing with a wrong password"):
        stranger = ZecClient(Credential(life.settings["access_key_id"], "wrong"), config)
        with refused(ZenlayerCloudSdkException, "AUTHFAILURE_SIGNATURE_FAILURE"):
            ask(stranger.DescribeDisks)
    with life.step("comparing with the ledger"):
        same(life.ledger(id), [("create", id), ("change", id), ("change", id), ("delete", id)])


live("zenlayer", "zenlayercloud-sdk-python", story)
