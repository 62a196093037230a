"""Nova's API, on a socket that was opened before: `serve_nova.py SOCKET`.

Its configuration is in `OS_NOVA_CONFIG_FILES`.
"""
import socket
import sys

import eventlet
import eventlet.wsgi

eventlet.monkey_patch()

listener = socket.socket(fileno=int(sys.argv.pop(1)))

from nova.wsgi.osapi_compute import application
from oslo_config import cfg

eventlet.wsgi.server(listener, application, log=open(cfg.CONF.log_file + ".requests", "a", buffering=1))
