resource "terraform_data" "a" { input = 1 }
data "terraform_remote_state" "r" {
  backend = "local"
  config = { path = "up.json" }
  depends_on = [terraform_data.a]
}
data "terraform_remote_state" "q" {
  count = 2
  backend = "local"
  config = { path = "up.json" }
}
data "terraform_remote_state" "u" {
  backend = "local"
  config = { path = terraform_data.a.output == 1 ? "up.json" : "no.json" }
}
resource "terraform_data" "b" { input = data.terraform_remote_state.r.outputs.x }
resource "terraform_data" "c" { input = data.terraform_remote_state.u.outputs.x }
output "q" { value = data.terraform_remote_state.q[*].outputs.x }
