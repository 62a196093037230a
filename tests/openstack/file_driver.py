"""Storage of cinder-volume for these tests: a file for each volume and each snapshot, and no root needed.

Files named `slow` and `broken` in the folder say how long a step takes, in seconds, and that the making of
snapshots fails. Nothing is ever attached, so there is nothing to export.
"""
import pathlib
import time

from cinder.volume import driver
from oslo_config import cfg

OPTIONS = [cfg.StrOpt("files_folder", help="Where the files are.")]


class FileDriver(driver.VolumeDriver):
    VERSION = "1.0"

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.configuration.append_config_values(OPTIONS)
        self.folder = pathlib.Path(self.configuration.files_folder)

    def _take_time(self):
        slow = self.folder / "slow"
        if slow.exists():
            time.sleep(float(slow.read_text()))

    def check_for_setup_error(self):
        self.folder.mkdir(exist_ok=True)

    def _update_volume_stats(self):
        self._stats = {
            "volume_backend_name": "files", "vendor_name": "tests", "driver_version": self.VERSION,
            "storage_protocol": "file", "total_capacity_gb": 10_000, "free_capacity_gb": 10_000,
            "reserved_percentage": 0,
        }

    def create_volume(self, volume):
        (self.folder / volume.id).touch()

    def delete_volume(self, volume):
        (self.folder / volume.id).unlink(missing_ok=True)

    def create_snapshot(self, snapshot):
        self._take_time()
        if (self.folder / "broken").exists():
            raise OSError("the storage is broken, as the test wants it")
        (self.folder / snapshot.id).write_text(snapshot.volume_id)

    def delete_snapshot(self, snapshot):
        self._take_time()
        (self.folder / snapshot.id).unlink(missing_ok=True)

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector):
        return {"driver_volume_type": "file", "data": {}}

    def terminate_connection(self, volume, connector, **named):
        pass
