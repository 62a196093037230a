resource "terraform_data" "x" { for_each = toset(["p", "q"]) }
