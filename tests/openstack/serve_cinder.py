"""Cinder's API, scheduler and volume service in one process: `serve_cinder.py SOCKET --config-file FILE`.

The message transport within a process needs no service outside, but reaches nobody outside either.
"""
import socket
import sys

import eventlet
import eventlet.wsgi

eventlet.monkey_patch()

from cinder import objects

objects.register_all()

from cinder import rpc, service, version
from cinder.common import config, constants
from oslo_config import cfg
from oslo_log import log
from oslo_service import wsgi as paste

CONF = cfg.CONF


def services():
    """The two that work, ready to be started."""
    yield service.Service.create(binary=constants.SCHEDULER_BINARY)
    for backend in CONF.enabled_backends:
        CONF.register_opt(cfg.StrOpt("backend_host"), group=backend)
        yield service.Service.create(
            host=f"{CONF.host}@{backend}", service_name=backend, binary=constants.VOLUME_BINARY,
            coordination=True,
        )


def main():
    listener = socket.socket(fileno=int(sys.argv.pop(1)))
    CONF(sys.argv[1:], project="cinder", version=version.version_string())
    log.setup(CONF, "cinder")
    rpc.init(CONF)
    # The scheduler waits for the first report of the volume service, so neither may wait for the other here.
    for one in list(services()):
        eventlet.spawn(one.start)
    application = paste.Loader(CONF).load_app("osapi_volume")
    eventlet.wsgi.server(listener, application, log=open(CONF.log_file + ".requests", "a", buffering=1))


if __name__ == "__main__":
    main()
