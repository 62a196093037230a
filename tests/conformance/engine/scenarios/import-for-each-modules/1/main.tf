locals { ids = { a = "IDA", b = "IDB" } }
module "m" {
  source   = "./m"
  for_each = local.ids
  v        = each.key
}
module "n" { 
  source = "./m"
  count  = 2
  v      = "n${count.index}"
}
import {
  for_each = local.ids
  to       = module.m[each.key].terraform_data.x
  id       = each.value
}
import {
  to = module.n[1].terraform_data.x
  id = "IDN"
}
import {
  for_each = toset(["k"])
  to       = module.m["a"].terraform_data.many[each.key]
  id       = "ID-${each.key}"
}
output "ids" { value = { for k, m in module.m : k => m.id } }
