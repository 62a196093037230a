locals {
  tags = {
    team  = "payments"
    until = "release-2.4"
  }
}

# Both disks of a server, each with its tags.
resource "apsara_ecs_snapshot" "disk" {
  for_each = var.disks

  disk_id        = each.value
  name           = "before-release-${each.key}"
  description    = "State of ${each.key} before release 2.4"
  retention_days = var.retention_days
  tags           = merge(local.tags, { disk = each.key })
}

output "snapshots" {
  description = "Id of the snapshot of each disk."
  value       = { for name, snapshot in apsara_ecs_snapshot.disk : name => snapshot.id }
}
