resource "terraform_data" "a" { input = 2 }
resource "terraform_data" "b" { count = terraform_data.a.output }
resource "terraform_data" "c" { for_each = terraform_data.a.id == "" ? {} : { k = terraform_data.a.id } }
module "x" {
  source = "./m"
  count = terraform_data.a.output
}
output "o" { value = length(terraform_data.b) }
