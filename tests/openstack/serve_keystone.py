"""Keystone, on a socket that was opened before: `serve_keystone.py SOCKET`.

Its configuration is in `OS_KEYSTONE_CONFIG_FILES`.
"""
import sys

# Keystone reads the rest of the command line as options of its own.
number = int(sys.argv.pop(1))

from keystone.wsgi.api import application
from werkzeug.serving import WSGIRequestHandler, make_server

# Connections stay open, as they do behind the web servers that clouds use.
WSGIRequestHandler.protocol_version = "HTTP/1.1"
make_server("127.0.0.1", 0, application, threaded=True, fd=number).serve_forever()
