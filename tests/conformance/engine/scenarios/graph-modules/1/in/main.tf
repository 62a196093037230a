variable "v" {}
resource "terraform_data" "z" { input = var.v }
resource "terraform_data" "alone" {}
output "o" { value = terraform_data.z.id }
