resource "terraform_data" "a" {}
resource "terraform_data" "b" {}
resource "terraform_data" "c" {}
output "a" { value = [terraform_data.a.id] }
