resource "terraform_data" "a" {}
resource "terraform_data" "b" { input = terraform_data.a.id }
resource "terraform_data" "c" { input = terraform_data.b.id }
resource "terraform_data" "d" {}
output "c" { value = terraform_data.c.id }
output "d" { value = terraform_data.d.id }
