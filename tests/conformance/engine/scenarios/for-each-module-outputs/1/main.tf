module "src" {
  source   = "./src"
  for_each = { a = "x", b = "y" }
  v        = each.value
}
resource "terraform_data" "per" {
  for_each = module.src
  input    = each.value.v
}
resource "terraform_data" "set" {
  for_each = toset([for k, m in module.src : m.fixed])
  input    = each.key
}
module "again" {
  source   = "./src"
  for_each = { for k, m in module.src : "again-${k}" => m.fixed }
  v        = each.value
}
output "per" { value = { for k, r in terraform_data.per : k => r.output } }
output "again" { value = [for k in sort(keys(module.again)) : "${k}=${module.again[k].v}"] }
