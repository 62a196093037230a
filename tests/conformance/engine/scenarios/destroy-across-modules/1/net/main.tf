resource "terraform_data" "n" {}
output "id" { value = terraform_data.n.id }
