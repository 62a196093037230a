variable "secret" {
  description = "Kept from eyes."
  type        = string
  default     = "pw"
  sensitive   = true
}
variable "size" {
  type    = number
  default = 2
  validation {
    condition     = var.size > 0
    error_message = "nothing is too little"
  }
}
data "terraform_remote_state" "up" {
  backend = "local"
  config  = { path = "up.json" }
}
data "terraform_remote_state" "late" {
  backend    = "local"
  config     = { path = "up.json" }
  depends_on = [terraform_data.created]
}
resource "terraform_data" "created" {
  input = { size = var.size, secret = var.secret, up = data.terraform_remote_state.up.outputs.x }
  lifecycle {
    postcondition {
      condition     = self.output.size < 5
      error_message = "too large"
    }
  }
}
resource "terraform_data" "updated" { input = { a = 2, list = ["x", "y"], id = terraform_data.created.id } }
resource "terraform_data" "replaced" {
  triggers_replace = 2
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "named" {}
moved {
  from = terraform_data.renamed
  to   = terraform_data.named
}
removed {
  from = terraform_data.forgotten
  lifecycle { destroy = false }
}
resource "terraform_data" "shrinks" { count = 1 }
resource "terraform_data" "kept" {
  for_each = toset(["k"])
  input    = each.key
}
resource "terraform_data" "tainted" {}
resource "terraform_data" "triggered" {
  lifecycle { replace_triggered_by = [terraform_data.replaced] }
}
resource "terraform_data" "imported" {}
import {
  to = terraform_data.imported
  id = "from-elsewhere"
}
module "m" {
  source   = "./m"
  for_each = { one = 1, two = 2 }
  value    = each.value
}
check "advice" {
  assert {
    condition     = var.size > 3
    error_message = "rather small"
  }
}
output "changed" {
  description = "It was a number."
  value       = { two = 2, id = terraform_data.created.id }
}
output "hidden" {
  value     = var.secret
  sensitive = true
}
output "everything" {
  value = [1, "a", true, null, { deep = [] }]
  precondition {
    condition     = var.size < 10
    error_message = "too many"
  }
}
