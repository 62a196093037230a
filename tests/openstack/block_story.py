"""The life of `openstack_blockstorage_snapshot_v3` at real servers."""
from checks import few, killed_in_mid_apply, same
from person import Person

FEW = ["a", "b", "c", "d", "e"]
NOWHERE = "00000000-0000-4000-8000-000000000000"


def tell(stage):
    keystone = stage.cloud.urls["keystone"]
    person = Person(stage.binary, stage.folder / "block", stage.configurations / "block", keystone)
    make(stage, person)
    look_up(stage, keystone)
    change(stage, person)
    notice(stage, person)
    be_refused(stage, person)
    be_killed(stage, person)
    be_many(stage, person)
    with stage.step("destroying all snapshots of block storage"):
        person.destroys(says=["Destroy complete! Resources: 50 destroyed."])
        same((person.ids(), stage.project.snapshots()), ([], {}))


def make(stage, person):
    person.variables["keys"] = FEW
    with stage.step("planning snapshots in block storage"):
        person.plans(add=5)
    with stage.step("making them"):
        person.applies(says=["Apply complete! Resources: 5 added, 0 changed, 0 destroyed."])
        seen = stage.project.snapshots()
        same(sorted(seen), [f"block-{key}" for key in FEW])
        same({one["status"] for one in seen.values()}, {"available"})
        same(sorted(person.ids()), sorted(one["id"] for one in seen.values()))
    with stage.step("planning once more"):
        person.plans()


def look_up(stage, keystone):
    with stage.step("looking up volumes and snapshots"):
        # Times of the cloud are whole to the microsecond here and to the second elsewhere.
        newest = stage.project.make_snapshot(stage.volumes["orders"], "by-hand")
        reader = Person(stage.binary, stage.folder / "found", stage.configurations / "found", keystone)
        reader.variables["volume_id"] = stage.volumes["orders"]
        reader.applies()
        found = reader.outputs()
        same((found["newest"], len(found["names"])), (newest, 6))
        block = Person(stage.binary, stage.folder / "volumes", stage.configurations / "block", keystone)
        block.applies()
        found = block.outputs()
        same((found["volume"], sorted(found["volumes"])), (stage.volumes["orders"], ["images", "orders"]))
        block.variables["volume"] = "nothing"
        block.type("plan", "-input=false", ends_with=1, says=["No volume of this name"])
        stage.project.delete(newest)


def change(stage, person):
    before = sorted(person.ids())
    with stage.step("changing names and metadata in place"):
        person.variables.update(prefix="kept-", metadata={"env": "test", "kept": "yes"})
        person.plans(change=5)
        person.applies(says=["Resources: 0 added, 5 changed, 0 destroyed."])
        seen = stage.project.snapshots()
        same((sorted(seen), sorted(one["id"] for one in seen.values())), ([f"kept-{key}" for key in FEW], before))
        same([one["metadata"] for one in seen.values()], [{"env": "test", "kept": "yes"}] * 5)
        person.plans()
    with stage.step("taking metadata away again"):
        person.variables["metadata"] = {}
        person.applies(says=["Resources: 0 added, 5 changed, 0 destroyed."])
        same([one["metadata"] for one in stage.project.snapshots().values()], [{}] * 5)
        person.plans()
    with stage.step("importing one that was made by hand"):
        imported = stage.project.make_snapshot(stage.volumes["orders"], "kept-f")
        person.variables["keys"] = [*FEW, "f"]
        person.type("import", "-input=false", 'openstack_blockstorage_snapshot_v3.kept["f"]', imported)
        # `force` is nothing that a cloud knows, so only the state changes.
        person.plans(change=1, says=["will be updated in state only"])
        person.applies(says=["Resources: 0 added, 1 changed, 0 destroyed."])
        person.plans()
    with stage.step("importing what does not exist"):
        person.variables["others"] = {"nothing": stage.volumes["orders"]}
        address = 'openstack_blockstorage_snapshot_v3.other["nothing"]'
        person.type("import", "-input=false", address, NOWHERE, ends_with=1, says=[NOWHERE])
        person.variables["others"] = {}


def notice(stage, person):
    seen = stage.project.snapshots()
    with stage.step("noticing what was deleted and renamed by hand"):
        stage.project.delete(seen["kept-a"]["id"])
        stage.project.rename(seen["kept-b"]["id"], "somebody-was-here")
        person.plans(add=1, change=1)
        person.applies(says=["Resources: 1 added, 1 changed, 0 destroyed."])
        now = stage.project.snapshots()
        same((sorted(now), now["kept-b"]["id"]), (sorted(seen), seen["kept-b"]["id"]))
        person.plans()
    with stage.step("making a snapshot that the storage fails to make"):
        stage.storage(broken=1)
        person.variables["keys"] = [*FEW, "f", "g"]
        person.applies(ends_with=1, says=["went into status `error`", "Snapshot failed to create"])
        same(stage.project.snapshots()["kept-g"]["status"], "error")
        stage.storage()
        person.plans(add=1, destroy=1)
        person.applies(says=["Resources: 1 added, 0 changed, 1 destroyed."])
        same(stage.project.snapshots()["kept-g"]["status"], "available")
        person.plans()


def be_refused(stage, person):
    with stage.step("planning snapshots of volumes that are not there"):
        person.variables["others"] = {"nowhere": NOWHERE, "foreign": stage.volumes["foreign"]}
        says = ["E0614", NOWHERE, stage.volumes["foreign"]]
        person.type("plan", "-input=false", ends_with=1, says=says)
        person.variables["others"] = {}
    with stage.step("planning more than the quota allows"):
        stage.operator.allow(snapshots=8)
        person.variables["keys"] = [*FEW, "f", "g", "h", "i"]
        person.plans(add=2, says=["W0616", "may have 8 snapshots. 7 are used, and this plan needs 2 more"])
        person.applies(ends_with=1, says=["E0605", "SnapshotLimitExceeded"])
        same(len(stage.project.snapshots()), 8)
        stage.operator.allow(snapshots=100)
        person.plans(add=1, silent_about=["W0616"])
        person.applies(says=["Resources: 1 added"])
        person.plans()
    with stage.step("copying a volume in use"):
        volume = stage.volumes["orders"]
        stage.operator.use(volume)
        person.variables["keys"] = [*FEW, "f", "g", "h", "i", "j"]
        person.plans(add=1, says=["is in use, and is copied only with `force`"])
        person.applies(ends_with=1, says=["in-use"])
        person.variables["force"] = True
        person.applies(says=["Resources: 1 added"])
        person.plans()
        stage.operator.release(volume)


def be_killed(stage, person):
    with stage.step("being killed in mid-apply"):
        stage.storage(slow=1)
        for round, caught_at in enumerate([11, 18, 24]):
            more = [f"killed-{round}-{number}" for number in range(6)]
            person.variables["keys"] = [*person.variables["keys"], *more]
            killed_in_mid_apply(stage, person, caught_at)
            person.applies()
            same(len(stage.project.snapshots()), len(person.variables["keys"]))
            person.plans()
        same(sorted(person.ids()), sorted(one["id"] for one in stage.project.snapshots().values()))
        stage.storage()


def be_many(stage, person):
    with stage.step("looking at 50 snapshots with few requests"):
        keys = person.variables["keys"]
        person.variables["keys"] = [*keys, *(f"more-{number}" for number in range(50 - len(keys)))]
        person.applies()
        same(len(stage.project.snapshots()), 50)
        before = len(stage.cloud.requests("cinder"))
        person.plans()
        # Three pages of snapshots, and two lists of volumes.
        few(stage.cloud.requests("cinder")[before:], 5)
