resource "terraform_data" "y" { for_each = toset(["p", "q"]) }
moved {
  from = terraform_data.x
  to   = terraform_data.y
}
