variable "v" {}
resource "terraform_data" "x" { input = var.v }
resource "terraform_data" "many" {
  for_each = toset(["k", "l"])
}
output "id" { value = terraform_data.x.id }
