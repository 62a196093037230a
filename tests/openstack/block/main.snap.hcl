variable "volume" {
  type    = string
  default = "orders"
}

variable "keys" {
  type    = set(string)
  default = []
}

variable "prefix" {
  type    = string
  default = "block-"
}

variable "metadata" {
  type    = map(string)
  default = {}
}

variable "force" {
  type    = bool
  default = false
}

# What is copied beside that, by ids of volumes.
variable "others" {
  type    = map(string)
  default = {}
}

data "openstack_blockstorage_volume_v3" "source" {
  name = var.volume
}

data "openstack_blockstorage_volumes_v3" "all" {
}

resource "openstack_blockstorage_snapshot_v3" "kept" {
  for_each = var.keys

  volume_id = data.openstack_blockstorage_volume_v3.source.id
  name      = "${var.prefix}${each.key}"
  metadata  = var.metadata
  force     = var.force
}

resource "openstack_blockstorage_snapshot_v3" "other" {
  for_each = var.others

  volume_id = each.value
  name      = each.key
}

output "volume" {
  value = data.openstack_blockstorage_volume_v3.source.id
}

output "volumes" {
  value = [for volume in data.openstack_blockstorage_volumes_v3.all.volumes : volume.name]
}

output "kept" {
  value = { for key, snapshot in openstack_blockstorage_snapshot_v3.kept : key => snapshot.id }
}
