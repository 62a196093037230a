variable "v" {}
resource "terraform_data" "x" { input = var.v }
module "in" {
  source = "../in"
  v      = terraform_data.x.id
}
output "o" { value = module.in.o }
