module "a" {
  source = "./m"
  for_each = { x = 1, y = 2 }
  n = each.value
}
module "b" {
  source = "./m"
  n = sum([for k, m in module.a : m.total])
}
output "t" { value = module.b.total }
output "ids" { value = { for k, m in module.a : k => m.ids } }
