# The Terraform run that made the disks has their ids among its outputs.
data "terraform_remote_state" "disks" {
  backend = "local"

  config = {
    path = "disks.tfstate"
  }
}

module "backup" {
  source   = "./backup"
  for_each = data.terraform_remote_state.disks.outputs.disks

  disk = each.value
  name = each.key
}

check "every_disk_is_small_enough" {
  assert {
    condition     = alltrue([for disk in values(data.terraform_remote_state.disks.outputs.disks) : disk.size <= 500])
    error_message = "A disk of more than 500 GB takes longer than a night to copy."
  }
}

output "snapshots" {
  description = "The snapshot of every disk."
  value       = { for name, backup in module.backup : name => backup.snapshot_id }
}
