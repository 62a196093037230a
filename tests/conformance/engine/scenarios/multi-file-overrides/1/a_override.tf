resource "terraform_data" "a" { input = "overridden ${local.x}" }
variable "v" { default = "over" }
output "o" { value = "${var.v}!" }
locals { x = 10 }
