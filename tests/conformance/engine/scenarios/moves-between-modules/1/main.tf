module "a" {
  source = "./m"
}
resource "terraform_data" "r" { count = 2 }
