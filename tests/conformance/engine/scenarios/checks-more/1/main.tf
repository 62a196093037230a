variable "v" { default = 1 }
resource "terraform_data" "a" {
  count = 2
  input = count.index + var.v
  lifecycle {
    postcondition {
      condition = self.output >= 0
      error_message = "neg"
    }
    precondition {
      condition = var.v != 0
      error_message = "zero"
    }
  }
}
variable "w" {
  default = "x"
  validation {
    condition = length(var.w) < 5
    error_message = "long ${var.w}"
  }
}
check "c" {
  assert {
    condition = alltrue([for a in terraform_data.a : a.output < 5])
    error_message = "big"
  }
  assert {
    condition = var.v < 3
    error_message = "v is ${var.v}"
  }
}
output "o" {
  value = terraform_data.a[0].output
  precondition {
    condition = terraform_data.a[0].output < 10
    error_message = "p"
  }
}
