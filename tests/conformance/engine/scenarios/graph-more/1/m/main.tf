variable "v" {}
resource "terraform_data" "x" { input = var.v }
resource "terraform_data" "y" {}
output "o" { value = terraform_data.x.id }
