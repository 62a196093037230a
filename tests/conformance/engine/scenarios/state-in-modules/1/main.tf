module "m" {
  source   = "./m"
  for_each = toset(["a", "b"])
}
module "n" {
  source = "./m"
}
resource "terraform_data" "top" { input = module.n.id }
