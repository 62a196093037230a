provider "openstack" {
  region = "RegionOne"
}

# A second configuration of the same provider, for resources that name it.
provider "openstack" {
  alias  = "internal"
  region = "RegionOne"

  # Which of the addresses in the cloud's catalogue are used.
  endpoint_type = "internal"
}

resource "openstack_compute_snapshot" "database" {
  count = var.copies

  volume_id   = var.database_volume
  name        = format("database-%02d", count.index + 1)
  description = "Copy ${count.index + 1}"

  # The volume is attached while the database runs.
  force = true
}

# After the database, so that no record points to a file that is not there yet.
resource "openstack_compute_snapshot" "files" {
  provider   = openstack.internal
  depends_on = [openstack_compute_snapshot.database]

  volume_id = var.files_volume
  name      = "files"
  force     = true
}

output "database_snapshots" {
  value = openstack_compute_snapshot.database[*].id
}

output "total_size" {
  description = "GiB of all snapshots."
  value       = sum(concat(openstack_compute_snapshot.database[*].size, [openstack_compute_snapshot.files.size]))
}
