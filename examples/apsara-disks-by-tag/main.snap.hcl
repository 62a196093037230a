data "apsara_ecs_disks" "daily" {
  disk_type = "data"
  tags      = { backup = "daily" }
}

resource "apsara_ecs_snapshot" "daily" {
  for_each = toset(data.apsara_ecs_disks.daily.ids)

  disk_id        = each.value
  name           = "daily-${each.value}"
  retention_days = var.retention_days
  tags           = { backup = "daily" }
}

# One look for each disk. `depends_on` makes it look after the snapshots above were made.
data "apsara_ecs_snapshots" "newest" {
  for_each = toset(data.apsara_ecs_disks.daily.ids)

  disk_id     = each.value
  status      = "accomplished"
  most_recent = true
  depends_on  = [apsara_ecs_snapshot.daily]
}

output "newest" {
  description = "Name of the newest snapshot of each disk."
  value       = { for disk, found in data.apsara_ecs_snapshots.newest : disk => one(found.snapshots[*].name) }
}
