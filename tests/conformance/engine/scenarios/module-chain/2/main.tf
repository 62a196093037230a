module "a" {
  source = "./m"
  for_each = { y = 1, z = 1 }
  n = each.value
}
output "ids" { value = { for k, m in module.a : k => m.ids } }
