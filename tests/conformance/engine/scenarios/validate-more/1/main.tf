resource "terraform_data" "a" {
  inputt = 1
  input = var.x
}
resource "terraform_dat" "b" {}
resource "terraform_data" "c" {
  input = terraform_data.a.id
  nope {}
}
locals {
  a = local.b
  b = length(1)
  c = upper("a", "b")
}
output "o" {}
output "p" { value = local.a }
module "m" {
  source = "./m"
  extra = 1
}
variable "x" {}
