variable "n" { default = 1 }
resource "terraform_data" "a" {
  input = var.n
  lifecycle {
    precondition {
      condition = var.n > 1
      error_message = "too small"
    }
  }
}
resource "terraform_data" "b" { input = terraform_data.a.output }
output "o" {
  value = var.n
  precondition {
    condition = var.n > 5
    error_message = "out"
  }
}
