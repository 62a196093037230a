module "m" {
  source = "./m"
  v = terraform_data.a.id
}
resource "terraform_data" "a" {}
data "terraform_remote_state" "r" {
  backend = "local"
  config = { path = "up.json" }
}
resource "terraform_data" "b" { 
 input = [module.m.o, data.terraform_remote_state.r.outputs] 
 depends_on = [module.m]
}
output "o" { value = terraform_data.b.id }
