variable "volume" {
  type    = string
  default = "images"
}

variable "keys" {
  type    = set(string)
  default = []
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

resource "openstack_compute_snapshot" "kept" {
  for_each = var.keys

  volume_id   = data.openstack_blockstorage_volume_v3.source.id
  name        = "compute-${each.key}"
  description = "copy ${each.key}"
  force       = var.force
}

resource "openstack_compute_snapshot" "other" {
  for_each = var.others

  volume_id = each.value
  name      = each.key
}

output "kept" {
  value = { for key, snapshot in openstack_compute_snapshot.kept : key => snapshot.id }
}
