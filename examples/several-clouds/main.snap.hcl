# The evidence of one incident, at five vendors. What refers to something else waits for it.

# When this was first applied; the ends of the snapshots count from here.
resource "terraform_data" "noticed" {
  input = plantimestamp()

  lifecycle {
    ignore_changes = [input]
  }
}

# What the network looked like in the hours before.
resource "thousandeyes_snapshot" "network" {
  test_id        = var.network_test
  display_name   = "${local.prefix} network"
  from           = timeadd(terraform_data.noticed.output, "-4h")
  duration_hours = 4
}

# The volumes of the shop; their descriptions name what was measured.
resource "openstack_compute_snapshot" "shop" {
  for_each = var.shop_volumes

  volume_id   = each.value
  name        = "${local.prefix}-${each.key}"
  description = "Measured in test ${thousandeyes_snapshot.network.snapshot_test_id}"
}

# The shop's databases at two other vendors, tagged and named after the volumes' snapshots.
resource "apsara_ecs_snapshot" "orders" {
  disk_id        = var.orders_disk
  name           = "${local.prefix}-orders"
  retention_days = var.keep_days

  tags = merge(local.tags, {
    shop = openstack_compute_snapshot.shop["web"].id
  })
}

resource "zenlayer_disk_snapshot" "edge" {
  for_each = toset(var.edge_disks)

  disk_id        = each.value
  name           = "${local.prefix}-edge-${substr(each.value, -4, 4)}"
  retention_time = timeadd(terraform_data.noticed.output, "${var.keep_days * 24}h")
  depends_on     = [apsara_ecs_snapshot.orders]
}

# Last, because copying a whole server slows it down.
resource "ctl_server_snapshot" "legacy" {
  provider = ctl.legacy

  server_id       = var.legacy_server
  expiration_days = min(var.keep_days, 10)
  depends_on      = [zenlayer_disk_snapshot.edge]
}
