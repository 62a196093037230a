resource "terraform_data" "a" { count = 2 }
resource "terraform_data" "b" { for_each = toset(["0", "1"]) }
resource "terraform_data" "c" {}
output "a" { value = terraform_data.a[*].id }
