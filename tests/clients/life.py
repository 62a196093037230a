"""What the life of every client has in common: steps with names, patience, and the vendor's own ledger.

A client's script is called with the binary and the folder of a served world (`all.py` makes one), tells
its story in steps, and ends with 1 where the client or the vendor does not do what is expected.
"""
import contextlib
import importlib.metadata
import json
import pathlib
import subprocess
import sys
import time
import traceback

PATIENCE, PAUSE = 20, 0.2


class Life:
    """One client at its vendor, and how far it has come."""

    def __init__(self, vendor, binary, folder):
        self.vendor, self.binary, self.folder = vendor, binary, pathlib.Path(folder)
        served = json.loads((self.folder / "served.json").read_text())[vendor]
        self.url, self.settings, self.others = served["url"], served["settings"], served["other_credentials"]
        self.steps, self.current = 0, "the beginning"

    @contextlib.contextmanager
    def step(self, what):
        self.current = what
        yield
        self.steps += 1

    def ledger(self, *ids):
        """What the vendor really did to these objects, in order: pairs of operation and id."""
        command = [self.binary, "emulator", "ledger", "-json", f"-data={self.folder / 'world'}"]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        entries = [json.loads(line) for line in lines]
        entries = [entry for entry in entries if entry["vendor"] == self.vendor and entry["id"] in ids]
        return [(entry["operation"], entry["id"]) for entry in entries]


def until(look):
    """Looks until there is something to see, and gives it."""
    end = time.monotonic() + PATIENCE
    while not (seen := look()):
        if time.monotonic() > end:
            raise AssertionError(f"not seen within {PATIENCE} seconds")
        time.sleep(PAUSE)
    return seen


def same(found, wanted):
    if found != wanted:
        raise AssertionError(f"found {found!r}, wanted {wanted!r}")


@contextlib.contextmanager
def refused(kind, *words):
    """What is done inside is refused, with an exception of the client's that says these words."""
    try:
        yield
    except kind as error:
        missing = [word for word in words if word not in str(error)]
        if missing:
            raise AssertionError(f"the refusal does not say {missing}: {error}") from error
    else:
        raise AssertionError("it was not refused")


def live(vendor, package, story):
    """Tells a story, and in one line how it went."""
    life = Life(vendor, *sys.argv[1:])
    name = f"{package} {importlib.metadata.version(package)}"
    try:
        story(life)
    except Exception as error:
        traceback.print_exc()
        print(f"{name}, while {life.current}: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
    print(f"{name}: {life.steps} steps")
