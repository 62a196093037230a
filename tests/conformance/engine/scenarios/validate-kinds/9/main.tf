resource "terraform_data" "a" {
  input = 1
  input = 2
}
resource "terraform_data" {}
resource "terraform_data" "9bad" {}
resource terraform_data "d" {
  dynamic "nope" {
    for_each = []
    content {}
  }
}
