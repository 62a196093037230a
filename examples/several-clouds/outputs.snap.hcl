output "snapshots" {
  description = "Everything that was made."
  value       = local.everything
}

output "shop" {
  description = "The snapshots of the shop's volumes, by name."
  value       = { for name, snapshot in openstack_compute_snapshot.shop : name => snapshot.id }
}

output "network_link" {
  description = "Where the measurements can be looked at."
  value       = thousandeyes_snapshot.network.view_url
  sensitive   = true
}
