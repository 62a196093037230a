output "o" {
  value = 1
}
variable "v" {
  default = 1
  validation {
    condition     = true
    error_message = "x"
  }
}
data "terraform_remote_state" "d" {}
provider "terraform" { nope = 1 }
unknown "block" {}
