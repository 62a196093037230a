variable "people" {
  type = map(object({
    team = optional(string, "none")
    tags = optional(set(string), [])
  }))
  default = { ann = {}, bob = { team = "red", tags = ["b", "a"] } }
}
locals {
  by_team = { for n, p in var.people : p.team => n... }
  pairs   = merge([for n, p in var.people : { for t in p.tags : "${n}/${t}" => { n = n, t = t } }]...)
}
resource "terraform_data" "person" {
  for_each = var.people
  input    = each.value
}
resource "terraform_data" "pair" {
  for_each = local.pairs
  input    = "${terraform_data.person[each.value.n].id == "" ? "" : each.value.t}"
}
resource "terraform_data" "team" {
  for_each = local.by_team
  input    = { name = each.key, members = each.value }
}
output "teams" { value = local.by_team }
