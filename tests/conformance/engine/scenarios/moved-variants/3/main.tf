module "m" { source = "./m" }
moved {
 from = terraform_data.b
 to = module.m.terraform_data.b
}
resource "terraform_data" "u" { input = module.m.y }
