module "m" {
  source = "./m"
  count = 2
  n = count.index
}
resource "terraform_data" "t" { input = module.m[0].o }
resource "terraform_data" "s" {
  for_each = { a = 1, b = 2 }
 input = each.value
}
output "t" { value = terraform_data.t.output }
output "s" { value = terraform_data.s["a"].output }
output "k" { value = 1 }
