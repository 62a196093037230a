variable "disk" {
  description = "The disk to copy."

  type = object({
    id   = string
    size = number
    keep = optional(bool, true)
  })
}

variable "name" {
  type        = string
  description = "What the snapshot is called after."
}

resource "zenlayer_disk_snapshot" "nightly" {
  disk_id = var.disk.id
  name    = "${var.name}-nightly"

  lifecycle {
    prevent_destroy = var.disk.keep && !can(regex("^test-", var.name))
  }
}

output "snapshot_id" {
  value = zenlayer_disk_snapshot.nightly.id
}
