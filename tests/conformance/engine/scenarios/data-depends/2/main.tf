resource "terraform_data" "a" { input = 2 }
data "terraform_remote_state" "r" {
  backend = "local"
  config = { path = "up.json" }
  depends_on = [terraform_data.a]
}
resource "terraform_data" "b" { input = data.terraform_remote_state.r.outputs.x }
