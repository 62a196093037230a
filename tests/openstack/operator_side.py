"""What a cloud's operator does, and what anybody sees of snapshots and volumes without snapform."""
import json

from http_client import Caller, sign_in

PROJECT, USER, REGION = "shop", "ops", "RegionOne"
USER_PASSWORD = "users-password"
SERVER = "11111111-2222-4333-8444-555555555555"


class Operator:
    """The administrator of a cloud that is up."""

    def __init__(self, cloud, password):
        self.cloud, self.keystone = cloud, cloud.urls["keystone"]
        token, self.admin_project = sign_in(self.keystone, "admin", password, "admin")
        self.identity = Caller(self.keystone + "/v3", token)
        self.cinder = Caller(f"{cloud.urls['cinder']}/v3/{self.admin_project}", token)

    def set_up(self):
        """The catalogue, a project and its user."""
        self.offer("identity", "keystone", "")
        # Once with the project at its end and once without: catalogues have both forms.
        self.offer("volumev3", "cinder", "/v3/%(project_id)s")
        self.offer("compute", "nova", "/v2.1")
        self.project = self.make("project", {"name": PROJECT})
        self.user = self.make("user", {"name": USER, "password": USER_PASSWORD})
        (member,) = self.identity.get("/roles?name=member")["roles"]
        self.identity.put(f"/projects/{self.project}/users/{self.user}/roles/{member['id']}", None)

    def make(self, kind, what):
        return self.identity.post(f"/{kind}s", {kind: what})[kind]["id"]

    def offer(self, kind, name, path):
        service = self.make("service", {"type": kind, "name": name})
        region = {"region_id": self.region()}
        for interface in ["public", "internal", "admin"]:
            url = self.cloud.urls[name] + path
            self.make("endpoint", {"service_id": service, "interface": interface, "url": url, **region})

    def region(self):
        if not any(region["id"] == REGION for region in self.identity.get("/regions")["regions"]):
            self.identity.post("/regions", {"region": {"id": REGION}})
        return REGION

    def allow(self, **limits):
        """Sets the project's quotas."""
        self.cinder.put(f"/os-quota-sets/{self.project}", {"quota_set": limits})

    def use(self, volume):
        """Has a volume in use, as far as cinder knows; no server runs here."""
        server = {"instance_uuid": SERVER, "mountpoint": "/dev/vdb", "mode": "rw"}
        for action in [{"os-reserve": {}}, {"os-attach": server}]:
            self.cinder.post(f"/volumes/{volume}/action", action)

    def release(self, volume):
        """Ends that."""
        for action in [{"os-begin_detaching": {}}, {"os-detach": {}}]:
            self.cinder.post(f"/volumes/{volume}/action", action)

    def make_foreign_volume(self):
        """A volume of another project."""
        return self.cinder.post("/volumes", {"volume": {"size": 1, "name": "foreign"}})["volume"]["id"]

    def revoke_tokens(self):
        """All tokens of the user end at once; the password stays what it is."""
        self.identity.patch(f"/users/{self.user}", {"user": {"password": USER_PASSWORD}})


class Project:
    """The project as its user sees it, asked directly."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.sign_in()

    def sign_in(self):
        token, self.id = sign_in(self.cloud.urls["keystone"], USER, USER_PASSWORD, PROJECT)
        self.identity = Caller(self.cloud.urls["keystone"] + "/v3", token)
        self.cinder = Caller(f"{self.cloud.urls['cinder']}/v3/{self.id}", token)

    def make_volume(self, name, size=1):
        volume = self.cinder.post("/volumes", {"volume": {"size": size, "name": name}})["volume"]["id"]
        self.until_status("volume", volume, "available")
        return volume

    def until_status(self, kind, id, status):
        def look():
            seen = self.cinder.get(f"/{kind}s/{id}")[kind]["status"]
            if seen.startswith("error") and seen != status:
                raise AssertionError(f"{kind} {id} is {seen}")
            return seen == status

        self.cloud.until(f"{kind} {id} is {status}", look)

    def make_snapshot(self, volume, name, **more):
        body = {"snapshot": {"volume_id": volume, "name": name, **more}}
        snapshot = self.cinder.post("/snapshots", body)["snapshot"]["id"]
        self.until_status("snapshot", snapshot, "available")
        return snapshot

    def snapshots(self):
        """All snapshots by name; two of one name are an error."""
        # The oldest first, so that pages stay where they are while snapshots are made.
        listed, offset = {}, 0
        while page := self.cinder.get(f"/snapshots/detail?sort=created_at:asc&offset={offset}")["snapshots"]:
            listed.update({snapshot["id"]: snapshot for snapshot in page})
            offset += len(page)
        named = {snapshot["name"]: snapshot for snapshot in listed.values()}
        if len(named) != len(listed):
            names = sorted(snapshot["name"] for snapshot in listed.values())
            raise AssertionError(f"names are there twice: {names}")
        return named

    def rename(self, id, name):
        self.cinder.put(f"/snapshots/{id}", {"snapshot": {"name": name}})

    def delete(self, *ids):
        for id in ids:
            self.cinder.delete(f"/snapshots/{id}")
        self.cloud.until("they are gone", lambda: not {*ids} & {one["id"] for one in self.snapshots().values()})

    def credential(self, user, secret):
        """Makes an application credential and gives its id."""
        body = {"application_credential": {"name": "snapform", "secret": secret}}
        return self.identity.post(f"/users/{user}/application_credentials", body)["application_credential"]["id"]


def clouds_file(keystone):
    """An entry `real` of clouds.yaml; JSON is YAML, too."""
    named = {"username": USER, "password": USER_PASSWORD, "project_name": PROJECT, "user_domain_name": "Default"}
    return json.dumps({"clouds": {"real": {"auth": {"auth_url": keystone, **named}, "region_name": REGION}}})
