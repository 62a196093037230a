"""`python-openstackclient` at OpenStack: the command `openstack`, as a person would type it."""
import json
import os
import pathlib
import subprocess
import sys

from life import live, refused, same, until


class Refused(Exception):
    """What the command said when it ended with an exit code other than 0."""


def story(life):
    settings = life.settings
    password = {
        "OS_AUTH_URL": settings["auth_url"], "OS_USERNAME": settings["user_name"],
        "OS_PASSWORD": settings["password"], "OS_USER_DOMAIN_NAME": settings["user_domain_name"],
        "OS_PROJECT_NAME": settings["project_name"], "OS_PROJECT_DOMAIN_NAME": settings["project_domain_name"],
    }
    credential = {
        "OS_AUTH_TYPE": "v3applicationcredential", "OS_AUTH_URL": settings["auth_url"],
        "OS_APPLICATION_CREDENTIAL_ID": life.others["application_credential_id"],
        "OS_APPLICATION_CREDENTIAL_SECRET": life.others["application_credential_secret"],
    }
    command = pathlib.Path(sys.executable).with_name("openstack")

    def openstack(*words, signed_in_by=password):
        done = subprocess.run(
            [command, *words], env={**os.environ, **signed_in_by}, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Refused(done.stderr + done.stdout)
        return done.stdout

    def told(*words, **how):
        return json.loads(openstack(*words, "-f", "json", **how))

    def shown(id):
        return told("volume", "snapshot", "show", id)

    with life.step("signing in and reading the catalogue"):
        services = {service["Type"] for service in told("catalog", "list")}
        same(services, {"identity", "compute", "block-storage"})
    with life.step("listing volumes"):
        same({volume["Name"] for volume in told("volume", "list")}, {"volume-1", "volume-2", "volume-3"})
    with life.step("making a snapshot"):
        made = told("volume", "snapshot", "create", "--volume", "volume-1", "--property", "env=test", "before")
        same((made["name"], made["status"], made["properties"]), ("before", "creating", {"env": "test"}))
        until(lambda: shown(made["id"])["status"] == "available")
    with life.step("listing it, signed in by an application credential"):
        words = ["volume", "snapshot", "list", "--volume", "volume-1", "--name", "before", "--limit", "1"]
        found = told(*words, signed_in_by=credential)
        same([snapshot["ID"] for snapshot in found], [made["id"]])
    with life.step("changing its name, its description and its properties"):
        openstack(
            "volume", "snapshot", "set", "--name", "kept", "--description", "weekly", "--property", "kept=yes",
            "before",
        )
        openstack("volume", "snapshot", "unset", "--property", "env", "kept")
        seen = shown("kept")
        same((seen["id"], seen["description"], seen["properties"]), (made["id"], "weekly", {"kept": "yes"}))
    with life.step("reading the quota"):
        limits = {quota["Resource"]: quota["Limit"] for quota in told("quota", "show", "--volume")}
        same((limits["snapshots"], limits["gigabytes"]), (3, 1000))
    with life.step("doing what only an administrator may"):
        with refused(Refused, "Policy doesn't allow"):
            openstack("volume", "snapshot", "delete", "--force", "kept")
    with life.step("deleting it"):
        openstack("volume", "snapshot", "delete", "kept")
        until(lambda: not told("volume", "snapshot", "list"))
    with life.step("asking for what does not exist"):
        with refused(Refused, "No Snapshot found"):
            openstack("volume", "snapshot", "show", made["id"])
    with life.step("signing in with a wrong password"):
        with refused(Refused, "requires authentication"):
            openstack("volume", "list", signed_in_by={**password, "OS_PASSWORD": "wrong"})
    with life.step("comparing with the ledger"):
        did = [operation for operation, _ in life.ledger(made["id"])]
        same((did[0], did[-1], set(did[1:-1])), ("create", "delete", {"change"}))


live("openstack", "python-openstackclient", story)
