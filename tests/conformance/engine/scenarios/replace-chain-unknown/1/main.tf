variable "v" { default = 1 }
resource "terraform_data" "a" { triggers_replace = var.v }
resource "terraform_data" "b" {
  for_each         = { one = 1, two = 2 }
  triggers_replace = [terraform_data.a.id, each.value]
  input            = var.v
}
resource "terraform_data" "c" { input = { for k, b in terraform_data.b : k => b.id } }
resource "terraform_data" "d" {
  input = "x"
  lifecycle { replace_triggered_by = [terraform_data.b["one"]] }
}
output "c" { value = terraform_data.c.output }
output "d" { value = terraform_data.d.id }
