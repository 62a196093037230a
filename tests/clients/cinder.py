"""`python-cinderclient` at OpenStack, as a library: block storage found in keystone's catalogue."""
from cinderclient import client as cinder
from cinderclient import exceptions
from keystoneauth1.exceptions import Unauthorized
from keystoneauth1.identity import v3
from keystoneauth1.session import Session

from life import live, refused, same, until


def story(life):
    settings = life.settings
    password = {name.replace("user_name", "username"): value for name, value in settings.items()}

    def client(auth, version):
        return cinder.Client(version, session=Session(auth=auth))

    with life.step("asking for the vendor's newest version"):
        _, newest = cinder.get_server_version(f"{life.url}/volume/v3/{life.others['project_id']}")
        ours = client(v3.Password(**password), newest.get_string())
    with life.step("listing volumes"):
        volumes = ours.volumes.list()
        volume = volumes[0]
        same((len(volumes), volume.status), (3, "available"))
    with life.step("making a snapshot"):
        made = ours.volume_snapshots.create(volume.id, name="before", metadata={"env": "test"})
        same((made.status, made.metadata), ("creating", {"env": "test"}))
        until(lambda: ours.volume_snapshots.get(made.id).status == "available")
    with life.step("reading it, also in the oldest version"):
        seen = ours.volume_snapshots.get(made.id)
        same((seen.name, seen.volume_id, seen.size, seen.progress), ("before", volume.id, 10, "100%"))
        same((seen.group_snapshot_id, seen.consumes_quota), (None, True))
        oldest = client(v3.Password(**password), "3.0").volume_snapshots.get(made.id)
        same(hasattr(oldest, "consumes_quota"), False)
    with life.step("listing it by name, volume, status and metadata"):
        for chosen in [
            {"name": "before"}, {"volume_id": volume.id}, {"status": "available"}, {"metadata": {"env": "test"}},
        ]:
            found = ours.volume_snapshots.list(search_opts=chosen)
            same([snapshot.id for snapshot in found], [made.id])
        same(ours.volume_snapshots.list(search_opts={"metadata": {"env": "other"}}), [])
    with life.step("changing its name, its description and its metadata"):
        ours.volume_snapshots.update(made.id, name="kept", description="weekly")
        ours.volume_snapshots.set_metadata(made.id, {"kept": "yes"})
        ours.volume_snapshots.delete_metadata(made.id, ["env"])
        seen = ours.volume_snapshots.get(made.id)
        same((seen.name, seen.description, seen.metadata), ("kept", "weekly", {"kept": "yes"}))
        ours.volume_snapshots.update_all_metadata(made.id, {})
        same(ours.volume_snapshots.get(made.id).metadata, {})
    with life.step("turning pages"):
        more = [ours.volume_snapshots.create(volume.id, name=name) for name in ["a", "b"]]
        first = ours.volume_snapshots.list(limit=2, sort="name:asc")
        rest = ours.volume_snapshots.list(marker=first[-1].id, sort="name:asc")
        same([snapshot.name for snapshot in first + rest], ["a", "b", "kept"])
        until(lambda: all(ours.volume_snapshots.get(other.id).status == "available" for other in more))
    with life.step("making one more than the quota"):
        limits = {limit.name: limit.value for limit in ours.limits.get().absolute}
        same((limits["totalSnapshotsUsed"], limits["maxTotalSnapshots"]), (3, 3))
        quota = ours.quotas.get(life.others["project_id"], usage=True)
        same(quota.snapshots, {"limit": 3, "in_use": 3, "reserved": 0})
        with refused(exceptions.OverLimit, "SnapshotLimitExceeded"):
            ours.volume_snapshots.create(volume.id, name="too-many")
    with life.step("deleting them"):
        for snapshot in [made, *more]:
            ours.volume_snapshots.delete(snapshot.id)
        until(lambda: not ours.volume_snapshots.list())
    with life.step("asking for what does not exist"):
        with refused(exceptions.NotFound, made.id):
            ours.volume_snapshots.get(made.id)
        with refused(exceptions.BadRequest, "volume_id"):
            ours.volume_snapshots.create("nothing")
    with life.step("signing in with a wrong password"):
        with refused(Unauthorized, "requires authentication"):
            client(v3.Password(**{**password, "password": "wrong"}), "3.0").volumes.list()
    with life.step("comparing with the ledger"):
        ids = [made.id, *(other.id for other in more)]
        did = [pair for pair in life.ledger(*ids) if pair[0] != "change"]
        same(did, [(operation, id) for operation in ["create", "delete"] for id in ids])


live("openstack", "python-cinderclient", story)
