resource "terraform_data" "b" {
  for_each = toset(["x","y"]) 
 input = each.key
}
output "y" { value = terraform_data.b["y"].id }
