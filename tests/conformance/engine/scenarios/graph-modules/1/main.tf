variable "v" { default = 1 }
locals { w = "${var.v} ${terraform_data.first.id}" }
resource "terraform_data" "first" {}
module "a" {
  source   = "./m"
  for_each = toset(["x", "y"])
  v        = local.w
}
module "b" {
  source     = "./m"
  v          = module.a["x"].o
}
resource "terraform_data" "side" { count = 2 }
resource "terraform_data" "last" {
  for_each = toset(["k"])
  input    = [module.b.o]
}
check "c" {
  assert {
    condition     = terraform_data.last["k"].id != ""
    error_message = "no"
  }
}
output "o" { value = terraform_data.last["k"].output }
