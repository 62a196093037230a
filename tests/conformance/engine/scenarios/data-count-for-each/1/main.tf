variable "names" {
  type    = list(string)
  default = ["up"]
}
data "terraform_remote_state" "d" {
  for_each = toset(var.names)
  backend  = "local"
  config   = { path = "${each.key}.json" }
  defaults = { x = "fallback", extra = 1 }
}
resource "terraform_data" "u" {
  for_each = data.terraform_remote_state.d
  input    = each.value.outputs
}
output "x" { value = { for k, d in data.terraform_remote_state.d : k => try(d.outputs.x, "no") } }
