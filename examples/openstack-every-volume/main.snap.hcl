provider "openstack" {
  region = "RegionOne"
}

# Every volume that exists when the plan is made; none would be an empty list.
data "openstack_blockstorage_volumes_v3" "all" {
  status = "available"
}

resource "openstack_blockstorage_snapshot_v3" "nightly" {
  for_each = { for volume in data.openstack_blockstorage_volumes_v3.all.volumes : volume.id => volume }

  volume_id = each.key
  name      = "nightly-${each.value.name}"

  # Name, description and metadata are changed in place.
  metadata = {
    origin = "snapform"
    size   = "${each.value.size} GiB"
  }
}

output "snapshots" {
  description = "The snapshot of each volume, by the volume's id."
  value       = { for volume, snapshot in openstack_blockstorage_snapshot_v3.nightly : volume => snapshot.id }
}
