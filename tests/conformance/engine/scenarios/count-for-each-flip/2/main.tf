resource "terraform_data" "a" { for_each = toset(["0", "1"]) }
resource "terraform_data" "b" { count = 2 }
resource "terraform_data" "c" { count = 1 }
output "a" { value = values(terraform_data.a)[*].id }
