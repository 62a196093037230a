variable "path" { default = "up.json" }
variable "want" { default = "X" }
check "up" {
  data "terraform_remote_state" "seen" {
    backend = "local"
    config  = { path = var.path }
  }
  assert {
    condition     = data.terraform_remote_state.seen.outputs.x == var.want
    error_message = "x is ${data.terraform_remote_state.seen.outputs.x}"
  }
}
resource "terraform_data" "a" { input = var.want }
check "later" {
  assert {
    condition     = terraform_data.a.id == ""
    error_message = "has an id"
  }
}
