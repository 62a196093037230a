locals {
  prefix = lower(var.ticket)

  tags = {
    ticket = var.ticket
    owner  = "operations"
  }

  everything = concat(
    [for name, snapshot in openstack_compute_snapshot.shop : "openstack: ${snapshot.id}"],
    ["apsara: ${apsara_ecs_snapshot.orders.id}"],
    [for disk, snapshot in zenlayer_disk_snapshot.edge : "zenlayer: ${snapshot.id}"],
    ["ctl: ${ctl_server_snapshot.legacy.id}"],
    ["thousandeyes: ${thousandeyes_snapshot.network.id}"],
  )
}
