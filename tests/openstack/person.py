"""A person at the command line: one folder with a configuration, an environment, and snapform."""
import json
import os
import re
import shutil
import subprocess

from operator_side import PROJECT, USER, USER_PASSWORD

PATIENCE = 300


class Person:
    """Types commands, and expects how they end."""

    def __init__(self, binary, folder, configuration, keystone):
        self.binary, self.folder = binary, folder
        shutil.copytree(configuration, folder)
        self.variables = {}
        self.login = {
            "OS_AUTH_URL": keystone, "OS_USERNAME": USER, "OS_PASSWORD": USER_PASSWORD,
            "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_NAME": PROJECT,
        }

    def environment(self):
        variables = {
            f"TF_VAR_{name}": value if isinstance(value, str) else json.dumps(value)
            for name, value in self.variables.items()
        }
        plain = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8", "NO_COLOR": "1"}
        return {**plain, **self.login, **variables}

    def start(self, *arguments):
        """A command that goes on while others look."""
        return subprocess.Popen(
            [self.binary, *arguments], cwd=self.folder, env=self.environment(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )

    def type(self, *arguments, ends_with=0, says=(), silent_about=()):
        """What a command said, which ends as expected and says these words."""
        process = self.start(*arguments)
        try:
            said, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            raise AssertionError(f"not done after {PATIENCE} seconds:\n{said}") from None
        return self.judge(said, process.returncode, arguments, ends_with, says, silent_about)

    @staticmethod
    def judge(said, code, arguments, ends_with=0, says=(), silent_about=()):
        typed = " ".join(arguments)
        if code != ends_with:
            raise AssertionError(f"`{typed}` ended with {code}, not {ends_with}:\n{said}")
        flat = re.sub(r"[\s│]+", " ", said)
        for words in says:
            if words not in flat:
                raise AssertionError(f"`{typed}` does not say `{words}`:\n{said}")
        for words in silent_about:
            if words in flat:
                raise AssertionError(f"`{typed}` says `{words}`:\n{said}")
        return said

    def plans(self, add=0, change=0, destroy=0, **more):
        """A plan of so many changes, or of none."""
        if not add + change + destroy:
            return self.type("plan", "-input=false", "-detailed-exitcode", **more)
        says = [f"Plan: {add} to add, {change} to change, {destroy} to destroy.", *more.pop("says", [])]
        return self.type("plan", "-input=false", "-detailed-exitcode", ends_with=2, says=says, **more)

    def applies(self, *arguments, **more):
        return self.type("apply", "-input=false", "-auto-approve", *arguments, **more)

    def destroys(self, *arguments, **more):
        return self.type("destroy", "-input=false", "-auto-approve", *arguments, **more)

    def outputs(self):
        return {name: one["value"] for name, one in json.loads(self.type("output", "-json")).items()}

    def ids(self):
        """The ids that the state knows."""
        listed = json.loads(self.type("state", "pull"))["resources"]
        managed = [one for one in listed if one["mode"] == "managed"]
        return [each["attributes"]["id"] for one in managed for each in one["instances"]]
