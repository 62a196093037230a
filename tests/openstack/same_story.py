"""The same questions to real servers and to snapform's emulator of them, whose answers are to be alike."""
import contextlib
import difflib
import json
import re
import subprocess
import time
import urllib.error
import urllib.request

from http_client import sign_in
from questions import QUESTIONS

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HEX = re.compile(r"\b[0-9a-f]{32}\b")
ROOT = re.compile(r"http://127\.0\.0\.1:\d+/(volume/)?")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")
# A volume that the emulator has from the beginning.
VOLUME = "volume-3"
# What depends on the moment and on what an operator calls things.
VARYING = {"updated_at", "volume_type", "volumeType", "totalGigabytesUsed", "totalVolumesUsed"}


class Side:
    """One of the two, with what is known of it."""

    def __init__(self, services, token, project, volume, wait):
        self.services, self.token, self.wait = services, token, wait
        self.known = {"project": project, "volume": volume}

    def ask(self, question):
        """The status and the body of an answer, with names in place of what differs by chance."""
        service, method, path, *rest = question
        body, headers = (rest + [None, None])[:2]
        answer_status, text = self.send(
            method, self.services[service] + self.fill(path), self.fill(body), headers or {}
        )
        try:
            answer = json.loads(text)
        except ValueError:
            answer = text
        self.remember(method, answer)
        return {"status": answer_status, "body": self.plain(answer)}

    def fill(self, what):
        text = what if isinstance(what, str) or what is None else json.dumps(what)
        for name, value in self.known.items():
            text = text and text.replace(f"${name}", value)
        return text

    def send(self, method, url, body, headers):
        usual = {"X-Auth-Token": self.token, "Content-Type": "application/json", "Accept": "application/json"}
        request = urllib.request.Request(
            url, None if body is None else body.encode(), {**usual, **headers}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def remember(self, method, answer):
        """What was made is spoken of later."""
        if method == "POST" and isinstance(answer, dict) and "id" in answer.get("snapshot", {}):
            self.known["snapshot"] = answer["snapshot"]["id"]
            self.wait(self.known["snapshot"])

    def plain(self, answer, key=None):
        """An answer without what differs from cloud to cloud, from release to release and from time to time.

        Messages are in words of a release, but for those that say what does not exist: clients read them.
        """
        if isinstance(answer, dict):
            return {
                name: "…" if name in VARYING else self.plain(value, None if key == "itemNotFound" else name)
                for name, value in answer.items()
            }
        if isinstance(answer, list):
            return [self.plain(value, key) for value in answer]
        if not isinstance(answer, str):
            return answer
        if answer.lstrip().startswith("<!") or key == "message":
            return "…"
        # Keystone's address is the beginning of all others at the emulator.
        for service in ["cinder", "nova"]:
            answer = answer.replace(self.services[service], "<url>")
        answer = ROOT.sub("<root>/", answer)
        for name, value in self.known.items():
            answer = answer.replace(value, f"<{name}>")
        for pattern, name in [(TIME, "<time>"), (UUID, "<uuid>"), (HEX, "<id>")]:
            answer = pattern.sub(name, answer)
        return answer


@contextlib.contextmanager
def emulated(binary, folder):
    """A world of snapform's own, served while somebody looks."""
    world = folder / "world"
    knobs = ["openstack.create_seconds=1", "openstack.delete_seconds=1"]
    subprocess.run([binary, "emulator", "knobs", f"-data={world}", *knobs], check=True, stdout=subprocess.DEVNULL)
    serve = [binary, "emulator", "serve", "-listen=127.0.0.1:0", f"-data={world}"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield json.loads(server.stdout.readline())["openstack"]
        finally:
            server.terminate()


def real(stage):
    """The cloud that is up."""
    urls, project = stage.cloud.urls, stage.project
    services = {
        "keystone": urls["keystone"], "cinder": project.cinder.base, "nova": f"{urls['nova']}/v2.1/{project.id}",
    }

    def wait(snapshot):
        project.until_status("snapshot", snapshot, "available")

    volume = project.make_volume(VOLUME, size=10)
    return Side(services, project.cinder.token, project.id, volume, wait)


def emulator(served):
    """The emulator, with the same services."""
    url, settings = served["url"], served["settings"]
    token, project = sign_in(url, settings["user_name"], settings["password"], settings["project_name"])
    services = {"keystone": url, "cinder": f"{url}/volume/v3/{project}", "nova": f"{url}/v2.1/{project}"}
    side = Side(services, token, project, "", lambda snapshot: time.sleep(1.2))
    _, text = side.send("GET", f"{services['cinder']}/volumes/detail?name={VOLUME}", None, {})
    side.known["volume"] = json.loads(text)["volumes"][0]["id"]
    return side


def tell(stage):
    with stage.step("asking the servers and the emulator the same"), emulated(stage.binary, stage.folder) as served:
        ours, theirs = emulator(served), real(stage)
        different = list(differences(ours, theirs))
        if different:
            raise AssertionError(f"{len(different)} answers differ:\n" + "\n".join(different))
        stage.project.delete(*(one["id"] for one in stage.project.snapshots().values()))
        stage.project.cinder.delete(f"/volumes/{theirs.known['volume']}")
        stage.cloud.until("the volume is gone", lambda: len(stage.project.cinder.get("/volumes")["volumes"]) == 2)


def differences(ours, theirs):
    """What the servers tell (-) and the emulator does (+), question by question."""
    for question in QUESTIONS:
        told, emulated_too = (
            json.dumps(side.ask(question), indent=1, sort_keys=True, ensure_ascii=False).splitlines()
            for side in [theirs, ours]
        )
        if told != emulated_too:
            lines = difflib.unified_diff(told, emulated_too, n=0, lineterm="")
            yield "\n".join([f"--- {' '.join(str(part) for part in question)}", *list(lines)[2:]])
