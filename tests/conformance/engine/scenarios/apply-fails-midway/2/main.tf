resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "bad" { input = terraform_data.a.id }
resource "terraform_data" "after" { input = terraform_data.bad.id }
output "after" { value = terraform_data.after.id }
