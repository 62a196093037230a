variable "net" {}
resource "terraform_data" "a" { input = var.net }
resource "terraform_data" "b" { input = terraform_data.a.id }
output "id" { value = terraform_data.b.id }
