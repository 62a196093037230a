# What one test measured around an incident, kept for 30 days.
resource "thousandeyes_snapshot" "incident" {
  test_id        = var.test_id
  display_name   = "${var.ticket}: checkout is slow"
  from           = var.from
  duration_hours = 2
}

# The same hours for people outside: whoever has the link may look.
resource "thousandeyes_snapshot" "for_the_carrier" {
  test_id        = var.test_id
  display_name   = "${var.ticket}: for the carrier"
  from           = thousandeyes_snapshot.incident.from
  duration_hours = thousandeyes_snapshot.incident.duration_hours
  public         = true
}

output "expires_at" {
  value = thousandeyes_snapshot.incident.expires_at
}

output "carrier_link" {
  description = "Read it with `snapform output -raw carrier_link`."
  value       = thousandeyes_snapshot.for_the_carrier.view_url
  sensitive   = true
}
