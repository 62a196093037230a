variable "v" { default = 1 }
resource "terraform_data" "t" { input = var.v }
resource "terraform_data" "a" {
  input = "fixed"
  lifecycle { replace_triggered_by = [terraform_data.t.input] }
}
resource "terraform_data" "b" {
  count = 2
  input = terraform_data.a.id
  lifecycle { replace_triggered_by = [terraform_data.a] }
}
resource "terraform_data" "c" {
  count = 2
  lifecycle { replace_triggered_by = [terraform_data.b[count.index].id] }
}
