resource "terraform_data" "i" { for_each = toset(["x"]) }
