variable "v" { default = 1 }
resource "terraform_data" "a" {
  count = terraform.workspace == "prod" ? 2 : 1
  input = "${terraform.workspace} ${var.v}"
}
output "w" { value = terraform.workspace }
