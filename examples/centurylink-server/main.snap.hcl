# Whole servers before a change, kept for a few days. A server holds one snapshot at the most.
resource "ctl_server_snapshot" "before_upgrade" {
  for_each = var.servers

  server_id       = each.key
  expiration_days = var.days

  # Whoever has waited for an hour wants to know.
  timeouts {
    create = "1h"
  }
}

output "expires_at" {
  description = "When the vendor removes each snapshot."
  value       = { for server, snapshot in ctl_server_snapshot.before_upgrade : server => snapshot.expires_at }
}
