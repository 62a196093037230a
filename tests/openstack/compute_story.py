"""The life of `openstack_compute_snapshot` at real servers: nova, which passes everything on to cinder."""
from checks import few, killed_in_mid_apply, same
from person import Person

FEW = ["a", "b", "c", "d"]
NOWHERE = "00000000-0000-4000-8000-000000000000"


def tell(stage):
    keystone = stage.cloud.urls["keystone"]
    person = Person(stage.binary, stage.folder / "compute", stage.configurations / "compute", keystone)
    make(stage, person)
    notice(stage, person)
    be_refused(stage, person)
    be_killed(stage, person)
    with stage.step("looking at all of them with few requests"):
        before = len(stage.cloud.requests("nova"))
        person.plans()
        few(stage.cloud.requests("nova")[before:], 5)
    with stage.step("destroying all snapshots of compute"):
        person.destroys(says=["Destroy complete!"])
        same((person.ids(), stage.project.snapshots()), ([], {}))


def make(stage, person):
    person.variables["keys"] = FEW
    with stage.step("planning snapshots in compute"):
        person.plans(add=4)
    with stage.step("making them through nova"):
        person.applies(says=["Apply complete! Resources: 4 added, 0 changed, 0 destroyed."])
        seen = stage.project.snapshots()
        same(sorted(seen), [f"compute-{key}" for key in FEW])
        same({one["status"] for one in seen.values()}, {"available"})
        same(seen["compute-a"]["description"], "copy a")
    with stage.step("planning once more"):
        person.plans()
    with stage.step("importing one that was made by hand"):
        imported = stage.project.make_snapshot(stage.volumes["images"], "compute-e", description="copy e")
        person.variables["keys"] = [*FEW, "e"]
        person.type("import", "-input=false", 'openstack_compute_snapshot.kept["e"]', imported)
        # `force` is nothing that a cloud knows, so only the state changes.
        person.plans(change=1, says=["will be updated in state only"])
        person.applies(says=["Resources: 0 added, 1 changed, 0 destroyed."])
        person.plans()


def notice(stage, person):
    seen = stage.project.snapshots()
    with stage.step("noticing what was deleted and renamed by hand"):
        stage.project.delete(seen["compute-a"]["id"])
        stage.project.rename(seen["compute-b"]["id"], "somebody-was-here")
        person.plans(add=2, destroy=1)
        person.applies(says=["Resources: 2 added, 0 changed, 1 destroyed."])
        same(sorted(stage.project.snapshots()), sorted(seen))
        person.plans()
    with stage.step("making a snapshot that the storage fails to make"):
        stage.storage(broken=1)
        person.variables["keys"] = [*FEW, "e", "f"]
        person.applies(ends_with=1, says=["went into status `error`", "Snapshot failed to create"])
        stage.storage()
        person.applies(says=["Resources: 1 added, 0 changed, 1 destroyed."])
        person.plans()


def be_refused(stage, person):
    with stage.step("planning snapshots of volumes that are not there"):
        person.variables["others"] = {"nowhere": NOWHERE, "foreign": stage.volumes["foreign"]}
        says = ["E0614", NOWHERE, stage.volumes["foreign"]]
        person.type("plan", "-input=false", ends_with=1, says=says)
        person.variables["others"] = {}
    with stage.step("planning more than the quota allows"):
        stage.operator.allow(snapshots=7)
        person.variables["keys"] = [*FEW, "e", "f", "g", "h"]
        person.plans(add=2, says=["W0616"])
        person.applies(ends_with=1, says=["E0605"])
        same(len(stage.project.snapshots()), 7)
        stage.operator.allow(snapshots=100)
        person.applies(says=["Resources: 1 added"])
    with stage.step("copying a volume in use"):
        stage.operator.use(stage.volumes["images"])
        person.variables["keys"] = [*FEW, "e", "f", "g", "h", "i"]
        person.plans(add=1, says=["is in use, and is copied only with `force`"])
        person.applies(ends_with=1)
        person.variables["force"] = True
        person.applies(says=["Resources: 1 added"])
        person.plans()
        stage.operator.release(stage.volumes["images"])


def be_killed(stage, person):
    with stage.step("being killed in mid-apply"):
        stage.storage(slow=0.5)
        for round, caught_at in enumerate([10, 14]):
            more = [f"killed-{round}-{number}" for number in range(3)]
            person.variables["keys"] = [*person.variables["keys"], *more]
            killed_in_mid_apply(stage, person, caught_at)
            person.applies()
            same(len(stage.project.snapshots()), len(person.variables["keys"]))
            person.plans()
        same(sorted(person.ids()), sorted(one["id"] for one in stage.project.snapshots().values()))
        stage.storage()
