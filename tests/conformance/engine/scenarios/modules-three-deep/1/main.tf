variable "n" { default = 2 }
module "one" {
  source = "./one"
  n      = var.n
}
output "all" { value = module.one.all }
output "first" { value = module.one.all["k0"][0] }
