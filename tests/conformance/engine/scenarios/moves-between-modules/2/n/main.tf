resource "terraform_data" "s" { count = 1 }
