"""`clc-sdk` at CenturyLink Cloud: one snapshot for each server, jobs in a queue."""
import clc

from life import live, refused, same, until


def story(life):
    clc.defaults.ENDPOINT_URL_V2 = life.url
    clc.v2.SetCredentials(life.settings["username"], life.settings["password"])
    with life.step("listing data centers"):
        same([str(center) for center in clc.v2.Datacenter.Datacenters()], ["wa1"])
    with life.step("listing servers by their group"):
        group = clc.v2.Datacenter().Groups().Get("Default Group")
        servers = group.Servers().Servers()
        same(len(servers), 3)
    server, twin = servers[0], clc.v2.Server(servers[0].id)
    with life.step("looking at a server without a snapshot"):
        same((server.status, server.GetSnapshots()), ("active", []))
    with life.step("making a snapshot"):
        same(server.CreateSnapshot(expiration_days=3).WaitUntilComplete(poll_freq=0.2), 0)
    with life.step("reading its name"):
        server.Refresh()
        (name,) = server.GetSnapshots()
    with life.step("making a second one, refused by client and vendor"):
        with refused(clc.CLCException, "already exists"):
            server.CreateSnapshot(delete_existing=False)
        # This one has not heard of the snapshot, so it asks.
        with refused(Exception, "not in a valid state"):
            twin.CreateSnapshot(delete_existing=False)
    with life.step("going back to it"):
        same(server.RestoreSnapshot().WaitUntilComplete(poll_freq=0.2), 0)
        server.Refresh()
        same(server.GetSnapshots(), [name])
    with life.step("putting another one in its place"):
        # The client deletes and makes without a pause: the vendor works on both in turn.
        same(server.CreateSnapshot().WaitUntilComplete(poll_freq=0.2), 0)
        server.Refresh()
        (other,) = server.GetSnapshots()
        same(other != name, True)
    with life.step("deleting it"):
        same(server.DeleteSnapshot().WaitUntilComplete(poll_freq=0.2), 0)
        until(lambda: server.Refresh() or not server.GetSnapshots())
    with life.step("asking for a server that does not exist"):
        with refused(clc.CLCException, "does not exist"):
            clc.v2.Server("no!")
    with life.step("signing in with a wrong password"):
        clc._LOGIN_TOKEN_V2 = False
        clc.v2.SetCredentials(life.settings["username"], "wrong")
        with refused(Exception, "Invalid V2 API login"):
            clc.v2.Server(server.id)
    with life.step("comparing with the ledger"):
        first, second = f"{server.id}/1", f"{server.id}/2"
        same(
            life.ledger(first, second),
            [("create", first), ("delete", first), ("create", second), ("delete", second)],
        )


live("ctl", "clc-sdk", story)
