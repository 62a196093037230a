resource "terraform_data" "a" {
  input            = "a"
  triggers_replace = "t"
  lifecycle { create_before_destroy = true }
}
variable "v" {
  type    = string
  default = "plain"
}
output "o" {
  value       = var.v
  description = "first"
}
locals {
  x = 1
  y = 2
}
