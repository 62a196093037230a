variable "n" { type = number }
resource "terraform_data" "r" {
  count = var.n
  input = "r${count.index}"
}
output "total" { value = length(terraform_data.r) }
output "ids" { value = terraform_data.r[*].output }
