resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "b" {
  for_each = toset(["x", "y"])
  input    = "${each.key} ${terraform_data.a.id}"
}
resource "terraform_data" "c" {
  count = 2
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "d" { input = terraform_data.c[*].id }
