"""Real servers of a cloud on loopback: keystone, cinder and nova's API, in a folder of their own.

Ports are the system's choice: this process opens the sockets before anything is configured, and the servers
inherit them. Databases are SQLite files, made once for each set of versions and copied for each run.
"""
import contextlib
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import time

import configurations
from http_client import Caller

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE, LAST = 120, 25
PASSWORD = "administrators-password"


def run(*command, folder, **environment):
    """Runs a command of the servers to its end, and shows what it said only where it failed."""
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env={**os.environ, **environment}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")


class Cloud:
    """Servers that are told of by their names in `sockets`."""

    def __init__(self, folder, cache):
        self.folder, self.cache = pathlib.Path(folder), pathlib.Path(cache)
        self.tools = pathlib.Path(sys.prefix)
        self.sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in configurations.SERVERS}
        self.urls = {
            name: f"http://127.0.0.1:{opened.getsockname()[1]}" for name, opened in self.sockets.items()
        }
        self.processes = {}

    def __enter__(self):
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
        for opened in self.sockets.values():
            opened.close()

    def prepare(self):
        """Databases, keys and configurations. The databases' addresses are relative to the folder."""
        template = self.cache / "databases"
        if not template.exists():
            unfinished = self.cache / "databases.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            configurations.write(unfinished, self.tools, self.urls, PASSWORD)
            self.make_databases(unfinished)
            unfinished.rename(template)
        shutil.copytree(template, self.folder, dirs_exist_ok=True)
        configurations.write(self.folder, self.tools, self.urls, PASSWORD)

    def make_databases(self, folder):
        """An empty cloud with an administrator, as its operator would set it up."""
        tools = self.tools / "bin"
        keystone = [tools / "keystone-manage", "--config-file", "keystone.conf"]
        run(*keystone, "db_sync", folder=folder)
        owner = ["--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid())]
        run(*keystone, "fernet_setup", *owner, folder=folder)
        run(*keystone, "bootstrap", "--bootstrap-password", PASSWORD, folder=folder)
        run(tools / "cinder-manage", "--config-file", "cinder.conf", "db", "sync", folder=folder)
        nova = [tools / "nova-manage", "--config-file", "nova.conf"]
        run(*nova, "api_db", "sync", folder=folder)
        cell = ["--database_connection", "sqlite:///nova-cell0.sqlite"]
        run(*nova, "cell_v2", "map_cell0", *cell, folder=folder)
        run(*nova, "db", "sync", folder=folder)
        for database in folder.glob("*.sqlite"):
            # Otherwise a list that somebody still reads locks out whoever writes.
            with contextlib.closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")

    def start(self):
        for name, (script, *arguments) in configurations.SERVERS.items():
            environment = configurations.environment(self.folder, self.tools, name)
            number = self.sockets[name].fileno()
            with (self.folder / f"{name}.output").open("w") as output:
                self.processes[name] = subprocess.Popen(
                    [sys.executable, "-B", HERE / script, str(number), *arguments], cwd=self.folder,
                    pass_fds=[number], stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": str(HERE), **environment},
                )
        for name in self.processes:
            self.until(f"{name} answers", lambda name=name: self.answers(name))

    def answers(self, name):
        process = self.processes[name]
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode}")
        return Caller(self.urls[name], timeout=PATIENCE).answers()

    @staticmethod
    def until(what, look):
        end = time.monotonic() + PATIENCE
        while not (seen := look()):
            if time.monotonic() > end:
                raise RuntimeError(f"not seen within {PATIENCE} seconds: {what}")
            time.sleep(0.1)
        return seen

    def requests(self, name):
        """What a server noted of each request, but for the lists that the tests themselves look at."""
        lines = (self.folder / f"{name}.log.requests").read_text().splitlines()
        return [line for line in lines if "HTTP/1." in line and "/detail?sort=" not in line]

    def last_words(self):
        """The end of what each server said."""
        for name in self.sockets:
            for path in [self.folder / f"{name}.output", self.folder / f"{name}.log"]:
                if path.exists() and (lines := path.read_text(errors="replace").splitlines()[-LAST:]):
                    yield "\n".join([f"The last of {path.name}:", *lines, ""])
