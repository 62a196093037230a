variable "v" { default = "1" }
resource "terraform_data" "a" {
  input = { k = var.v, l = [var.v, "x"], m = { n = var.v } }
  triggers_replace = var.v
  lifecycle { ignore_changes = [input.m.n, input.l[0], triggers_replace] }
}
resource "terraform_data" "m" {
  input = tomap({ a = var.v, b = var.v })
  lifecycle { ignore_changes = [input["a"]] }
}
resource "terraform_data" "all" {
  input = var.v
  lifecycle { ignore_changes = all }
}
