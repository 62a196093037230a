"""Serves a fresh world for every client, lets it live there, and tells in a line each how it went.

    python tests/clients/all.py BINARY

Ends with 1 where a client failed, after what it said and the last that its vendor did.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# The one that takes longest comes first.
SCRIPTS = ["openstack_command", "alibaba", "centurylink", "cinder", "thousandeyes", "zenlayer"]
# Waiting is real here: what takes minutes takes a second, so that what is under way can still be seen.
KNOBS = [
    "apsara.creation_seconds=1", "apsara.deletion_seconds=1", "ctl.queue_seconds=0", "ctl.job_seconds=1",
    "openstack.create_seconds=1", "openstack.delete_seconds=1", "openstack.snapshot_quota=3",
    "zenlayer.creation_seconds=1", "zenlayer.deletion_seconds=1",
]
LIMIT, LAST = 120, 10


def ledger(binary, world):
    """The last that the vendors of a world did."""
    command = [binary, "emulator", "ledger", f"-data={world}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "\n".join(["The last that the vendor did:", *done.stdout.splitlines()[-LAST:], ""])


def let_live(script, binary, folder):
    """Runs one script in a world that is served: whether it went well, and what it said."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "NO_COLOR": "1"}
    command = [sys.executable, "-B", HERE / f"{script}.py", binary, folder]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired as late:
        return False, f"{(late.stderr or b'').decode()}{script}: not done after {LIMIT} seconds\n"
    return done.returncode == 0, done.stdout + done.stderr


def in_a_world_of_its_own(script, binary):
    """Serves a fresh world for one script: the script, whether it went well, and what there is to say."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        world = folder / "world"
        turn = [binary, "emulator", "knobs", f"-data={world}", *KNOBS]
        subprocess.run(turn, check=True, stdout=subprocess.DEVNULL)
        serve = [binary, "emulator", "serve", "-listen=127.0.0.1:0", f"-data={world}"]
        with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
            try:
                served = server.stdout.readline()
                (folder / "served.json").write_text(served)
                went_well, said = let_live(script, binary, folder) if served else (False, "no world is served\n")
            finally:
                server.terminate()
        return script, went_well, said if went_well else said + ledger(binary, world)


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        told = list(pool.map(lambda script: in_a_world_of_its_own(script, binary), SCRIPTS))
    for _, went_well, said in told:
        if not went_well:
            print(said, file=sys.stderr, flush=True)
    for script, went_well, said in told:
        print(said.strip() if went_well else f"{script}: failed")
    sys.exit(0 if all(went_well for _, went_well, _ in told) else 1)


if __name__ == "__main__":
    main()
