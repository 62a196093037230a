variable "volume_id" {
  type = string
}

data "openstack_blockstorage_snapshot_v3" "newest" {
  volume_id   = var.volume_id
  most_recent = true
}

data "openstack_blockstorage_snapshots_v3" "all" {
  volume_id = var.volume_id
}

output "newest" {
  value = data.openstack_blockstorage_snapshot_v3.newest.id
}

output "names" {
  value = [for snapshot in data.openstack_blockstorage_snapshots_v3.all.snapshots : snapshot.name]
}
