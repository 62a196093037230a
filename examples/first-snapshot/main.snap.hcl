# One snapshot of one volume.
resource "openstack_compute_snapshot" "daily" {
  volume_id   = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
  name        = "snap-001"
  description = "Daily backup"
}

output "snapshot_id" {
  value = openstack_compute_snapshot.daily.id
}
