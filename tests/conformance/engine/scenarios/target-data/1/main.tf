data "terraform_remote_state" "up" {
  backend = "local"
  config  = { path = "up.json" }
}
data "terraform_remote_state" "late" {
  backend    = "local"
  config     = { path = terraform_data.path.output }
}
resource "terraform_data" "path" { input = "up.json" }
resource "terraform_data" "a" { input = data.terraform_remote_state.up.outputs.x }
resource "terraform_data" "b" { input = data.terraform_remote_state.late.outputs.n }
output "x" { value = data.terraform_remote_state.up.outputs.x }
