variable "n" {}
resource "terraform_data" "x" { input = var.n }
resource "terraform_data" "y" { input = terraform_data.x.id }
output "o" { value = terraform_data.x.output }
