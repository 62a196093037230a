resource "terraform_data" "y" { for_each = toset(["p"]) }
resource "terraform_data" "q" {}
moved {
  from = terraform_data.y["q"]
  to   = terraform_data.q
}
