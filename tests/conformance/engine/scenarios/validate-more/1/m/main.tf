variable "need" {}
output "z" { value = var.nope }
