resource "terraform_data" "none" { input = 1 }
