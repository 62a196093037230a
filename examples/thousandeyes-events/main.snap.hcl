# What several tests measured around an incident. The tests are known by their names.
data "thousandeyes_test" "affected" {
  for_each = var.tests
  name     = each.key
}

resource "thousandeyes_snapshot" "incident" {
  for_each = data.thousandeyes_test.affected

  test_id        = each.value.id
  display_name   = "${var.ticket}: ${each.key}"
  from           = var.from
  duration_hours = 2
}

# Whatever this user keeps already, of all incidents.
data "thousandeyes_saved_events" "kept" {
  created_by = "rehearsal@example.test"
  depends_on = [thousandeyes_snapshot.incident]
}

output "kept" {
  description = "Titles of the saved events, the oldest first."
  value       = [for event in data.thousandeyes_saved_events.kept.events : event.name]
}
