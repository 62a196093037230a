variable "value" { type = number }
resource "terraform_data" "x" {
  count = var.value
  input = count.index
}
output "ids" {
  value      = terraform_data.x[*].id
  depends_on = [terraform_data.x]
}
