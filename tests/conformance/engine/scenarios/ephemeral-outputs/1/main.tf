variable "t" {
  type      = string
  ephemeral = true
  default   = "tok"
}
locals { joined = "${var.t}-x" }
module "m" {
  source = "./m"
  t      = local.joined
}
resource "terraform_data" "a" { input = "plain" }
check "c" {
  assert {
    condition     = length(module.m.t) > 2
    error_message = "short"
  }
}
output "o" { value = terraform_data.a.output }
