data "zenlayer_disks" "daily" {
  tags             = { backup = var.backup }
  snapshot_ability = true
}

resource "zenlayer_disk_snapshot" "daily" {
  for_each = { for disk in data.zenlayer_disks.daily.disks : disk.id => disk }

  disk_id = each.key
  name    = "${var.backup}-${each.value.name}"
}

# `depends_on` makes it look after the snapshots above were made.
data "zenlayer_disk_snapshots" "newest" {
  disk_ids    = data.zenlayer_disks.daily.ids
  status      = "AVAILABLE"
  most_recent = true
  depends_on  = [zenlayer_disk_snapshot.daily]
}

output "disks" {
  description = "Names of the disks that are copied."
  value       = data.zenlayer_disks.daily.disks[*].name
}

output "newest" {
  description = "The newest snapshot of any of these disks."
  value       = one(data.zenlayer_disk_snapshots.newest.snapshots[*].name)
}
