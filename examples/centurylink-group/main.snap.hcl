# Every server of a data centre that can be copied, before a change. The list is looked up anew each
# time, so a server that comes later is copied by the next apply.
data "ctl_group_snapshots" "all" {
  data_center   = var.data_center
  server_status = "active"
}

locals {
  servers = [for server in data.ctl_group_snapshots.all.servers : server if server.can_be_copied]
}

resource "ctl_server_snapshot" "before_change" {
  for_each = { for server in local.servers : server.id => server.name }

  server_id       = each.key
  expiration_days = 3
}

output "copied" {
  description = "The name of each server that is copied."
  value       = [for server in local.servers : server.name]
}
