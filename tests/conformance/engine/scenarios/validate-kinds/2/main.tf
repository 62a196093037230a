resource "terraform_data" "a" {
  count    = 1
  for_each = {}
}
resource "terraform_data" "a" {}
resource "terraform_data" "b" {
  lifecycle {
    ignore_changes = [nope]
  }
}
resource "terraform_data" "c" {
  depends_on = [terraform_data.none]
}
variable "x" { default = true }
