variable "mode" {
  default = "x"
  validation {
    condition     = contains(["x", "y"], var.mode)
    error_message = "mode is ${var.mode}"
  }
  validation {
    condition     = var.mode != var.other
    error_message = "same as other"
  }
}
variable "other" { default = "y" }
data "terraform_remote_state" "up" {
  backend = "local"
  config  = { path = "up.json" }
  lifecycle {
    postcondition {
      condition     = self.outputs.x == "X"
      error_message = "not X"
    }
  }
}
resource "terraform_data" "a" {
  for_each = toset(["p", "q"])
  input    = "${each.key}${data.terraform_remote_state.up.outputs.n}"
  lifecycle {
    precondition {
      condition     = each.key != var.mode
      error_message = "key ${each.key}"
    }
  }
}
