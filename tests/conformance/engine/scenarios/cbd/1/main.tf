variable "v" { default = 1 }
resource "terraform_data" "a" { triggers_replace = var.v }
resource "terraform_data" "b" {
  triggers_replace = terraform_data.a.id
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "c" {
  count = 2
  triggers_replace = [terraform_data.b.id, count.index]
}
resource "terraform_data" "z" { input = terraform_data.c[*].id }
