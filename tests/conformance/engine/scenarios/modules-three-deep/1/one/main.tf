variable "n" {}
module "two" {
  source   = "./two"
  for_each = { for i in range(var.n) : "k${i}" => i + 1 }
  n        = each.value
  tag      = each.key
}
output "all" { value = { for k, m in module.two : k => m.names } }
