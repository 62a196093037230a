"""What the servers are told in their files: everything on loopback and in one folder.

The folder is the servers' working folder, so that most names can be relative and a prepared folder be copied.
"""
# Servers by name: a script, and what it is told after its socket. The second Keystone knows the same cloud
# and gives tokens that end soon.
SERVERS = {
    "keystone": ["serve_keystone.py"],
    "keystone-short": ["serve_keystone.py"],
    "cinder": ["serve_cinder.py", "--config-file", "cinder.conf"],
    "nova": ["serve_nova.py"],
}
# Entries of a list in one answer: so few that lists of a test have several pages.
PAGE = 20
TOKEN_SECONDS = {"keystone": 3600, "keystone-short": 64}

KEYSTONE = """
[DEFAULT]
log_file = {name}.log
[database]
connection = sqlite:///keystone.sqlite
[token]
expiration = {seconds}
[fernet_tokens]
key_repository = {folder}/fernet-keys
[fernet_receipts]
key_repository = {folder}/fernet-keys
[cache]
enabled = true
backend = dogpile.cache.memory
[identity]
password_hash_rounds = 4
"""

# A refused token is asked about again after a second, so that a revoked one is noticed while a test runs.
CHECKED = """
[keystone_authtoken]
www_authenticate_uri = {keystone}/v3
auth_url = {keystone}/v3
auth_type = password
username = admin
password = {password}
user_domain_name = Default
project_name = admin
project_domain_name = Default
token_cache_time = 1
"""

CINDER = """
[DEFAULT]
log_file = cinder.log
host = here
transport_url = fake://
state_path = {folder}/cinder-state
api_paste_config = {tools}/etc/cinder/api-paste.ini
resource_query_filters_file = {tools}/etc/cinder/resource_filters.json
enabled_backends = files
periodic_fuzzy_delay = 0
osapi_max_limit = {page}
[files]
volume_driver = file_driver.FileDriver
volume_backend_name = files
files_folder = {folder}/storage
[database]
connection = sqlite:///cinder.sqlite
[oslo_concurrency]
lock_path = {folder}/cinder-state/locks
[oslo_messaging_notifications]
driver = noop
"""

NOVA = """
[DEFAULT]
log_file = nova.log
host = here
transport_url = fake://
state_path = {folder}/nova-state
[database]
connection = sqlite:///nova-cell0.sqlite
[api_database]
connection = sqlite:///nova-api.sqlite
[oslo_concurrency]
lock_path = {folder}/nova-state/locks
[oslo_messaging_notifications]
driver = noop
[api]
max_limit = {page}
[cinder]
catalog_info = volumev3::publicURL
"""


def write(folder, tools, urls, password):
    """Writes the files of all servers."""
    known = {"folder": folder, "tools": tools, "password": password, "page": PAGE, **urls}
    for name, seconds in TOKEN_SECONDS.items():
        text = KEYSTONE.format(name=name, seconds=seconds, **known)
        (folder / f"{name}.conf").write_text(text)
    (folder / "cinder.conf").write_text((CINDER + CHECKED).format(**known))
    (folder / "nova.conf").write_text((NOVA + CHECKED).format(**known))
    for state in ["cinder-state", "nova-state", "storage"]:
        (folder / state).mkdir(exist_ok=True)


def environment(folder, tools, name):
    """Where a server that takes no arguments finds its files."""
    if name == "nova":
        return {"OS_NOVA_CONFIG_FILES": f"{tools}/etc/nova/api-paste.ini;{folder}/nova.conf"}
    return {"OS_KEYSTONE_CONFIG_DIR": str(folder), "OS_KEYSTONE_CONFIG_FILES": f"{folder}/{name}.conf"}
