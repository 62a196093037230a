"""What stories expect."""
import time


def same(found, wanted):
    if found != wanted:
        raise AssertionError(f"found {found!r}, wanted {wanted!r}")


def few(requests, limit):
    """No more requests than that; otherwise they are shown."""
    if len(requests) > limit:
        raise AssertionError("\n".join([f"{len(requests)} requests, and at most {limit} were expected:", *requests]))


def killed_in_mid_apply(stage, person, wanted):
    """Kills an apply as soon as the cloud has so many snapshots of it, and gives how many there were."""
    process = person.start("apply", "-input=false", "-auto-approve")
    end = time.monotonic() + 60
    try:
        while len(stage.project.snapshots()) < wanted:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the apply was not caught in its middle:\n{process.communicate(timeout=5)[0]}")
            time.sleep(0.02)
    finally:
        process.kill()
        process.communicate()
    return len(stage.project.snapshots())
