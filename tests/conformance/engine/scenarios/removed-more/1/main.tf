module "m" { 
 source = "./m" 
 for_each = toset(["a","b"])
}
resource "terraform_data" "x" { count = 2 }
resource "terraform_data" "y" { input = terraform_data.x[0].id }
