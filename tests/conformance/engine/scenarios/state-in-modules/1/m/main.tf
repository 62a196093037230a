resource "terraform_data" "x" { count = 2 }
resource "terraform_data" "y" { input = terraform_data.x[0].id }
output "id" { value = terraform_data.y.id }
