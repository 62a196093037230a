variable "v" {}
resource "terraform_data" "x" { input = var.v }
output "v" { value = terraform_data.x.output }
output "fixed" { value = "f-${var.v}" }
