# The instant of the first apply. `ignore_changes` keeps it: without that, every plan would move it.
resource "terraform_data" "first_apply" {
  input = plantimestamp()

  lifecycle {
    ignore_changes = [input]
  }
}

# Kept for ever.
resource "zenlayer_disk_snapshot" "golden" {
  disk_id = var.disk_id
  name    = "golden-image"
}

# Kept for 30 days.
resource "zenlayer_disk_snapshot" "release" {
  disk_id        = var.disk_id
  name           = "release-2.4"
  retention_time = timeadd(terraform_data.first_apply.output, "720h")
}

output "ends" {
  description = "When Zenlayer deletes the snapshot of the release."
  value       = zenlayer_disk_snapshot.release.expires_at
}
