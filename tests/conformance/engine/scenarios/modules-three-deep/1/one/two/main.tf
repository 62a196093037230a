variable "n" {}
variable "tag" {}
module "three" {
  source = "../../three"
  count  = var.n
  name   = "${var.tag}-${count.index}"
}
output "names" { value = module.three[*].name }
