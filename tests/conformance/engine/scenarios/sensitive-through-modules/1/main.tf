variable "pw" {
  default   = "pw1"
  sensitive = true
}
module "m" {
  source = "./m"
  pw     = var.pw
  plain  = "p"
}
resource "terraform_data" "use" { input = { pw = module.m.pw, plain = module.m.plain, list = [module.m.pw, "x"] } }
resource "terraform_data" "len" { input = length(var.pw) }
output "pw" {
  value     = module.m.pw
  sensitive = true
}
output "plain" { value = module.m.plain }
