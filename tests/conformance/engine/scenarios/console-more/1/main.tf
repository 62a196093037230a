variable "s" { default = "x" }
variable "secret" {
  default   = "pw"
  sensitive = true
}
locals { l = [{ id = 1 }, { id = 2 }] }
resource "terraform_data" "a" { input = { n = 1, l = ["x"] } }
resource "terraform_data" "b" {
  for_each = { k = "v" }
  input    = each.value
}
module "m" { source = "./m" }
