resource "terraform_data" "ok" { input = 1 }
resource "terraform_data" "bad" { input = [1,2][terraform_data.ok.input + 1] }
resource "terraform_data" "after" { input = terraform_data.bad.id }
resource "terraform_data" "after_ok" { input = terraform_data.ok.id }
output "o" { value = terraform_data.ok.id }
output "b" { value = terraform_data.bad.id }
