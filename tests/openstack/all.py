"""Real servers, and snapform as a person uses it, step by step; one line at the end says how it went.

    python tests/openstack/all.py BINARY CACHE

Ends with 1 where a step did not go as it should, after what was said there and the servers' last words. CACHE
is a folder for prepared databases, which fit the versions that are installed.
"""
import contextlib
import importlib.metadata
import os
import pathlib
import signal
import sys
import tempfile
import time
import traceback

import block_story
import compute_story
import same_story
import sign_in_story
from cloud import PASSWORD, Cloud
from operator_side import Operator, Project

HERE = pathlib.Path(__file__).resolve().parent


class Stage:
    """The cloud, its operator, the project's user, and how far the story has come."""

    def __init__(self, cloud, binary, folder):
        self.cloud, self.binary, self.folder = cloud, binary, folder
        self.configurations = HERE
        self.operator = Operator(cloud, PASSWORD)
        self.operator.set_up()
        self.project = Project(cloud)
        self.steps, self.current = 0, "the beginning"

    @contextlib.contextmanager
    def step(self, what):
        self.current, began = what, time.monotonic()
        yield
        self.steps += 1
        if os.environ.get("SHOW_STEPS"):
            print(f"{time.monotonic() - began:6.1f} s  {what}", file=sys.stderr, flush=True)

    def storage(self, **knobs):
        """What the storage does from now on: `slow` seconds for each step, or `broken`."""
        for knob in ["slow", "broken"]:
            (self.folder / "cloud" / "storage" / knob).unlink(missing_ok=True)
        for knob, value in knobs.items():
            (self.folder / "cloud" / "storage" / knob).write_text(str(value))


def tell(stage):
    """All stories, on volumes that they share."""
    with stage.step("making volumes"):
        stage.volumes = {name: stage.project.make_volume(name) for name in ["orders", "images"]}
        stage.volumes["foreign"] = stage.operator.make_foreign_volume()
    same_story.tell(stage)
    block_story.tell(stage)
    compute_story.tell(stage)
    sign_in_story.tell(stage)
    with stage.step("looking whether anything is left"):
        if left := stage.project.snapshots():
            raise AssertionError(f"there still are {sorted(left)}")


def main():
    binary, cache = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]).resolve()
    began = time.monotonic()
    # Whoever ends this ends the servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as name:
        folder, stage = pathlib.Path(name), None
        (folder / "cloud").mkdir()
        cloud = Cloud(folder / "cloud", cache)
        try:
            with cloud:
                stage = Stage(cloud, binary, folder)
                tell(stage)
        except Exception as error:
            traceback.print_exc()
            print("\n".join(cloud.last_words()), file=sys.stderr)
            current = stage.current if stage else "starting the servers"
            print(f"openstack, while {current}: {type(error).__name__}: {error}", file=sys.stderr)
            sys.exit(1)
    versions = [f"{package} {importlib.metadata.version(package)}" for package in ["keystone", "cinder", "nova"]]
    print(f"{', '.join(versions)}: {stage.steps} steps in {time.monotonic() - began:.0f} seconds")


if __name__ == "__main__":
    main()
