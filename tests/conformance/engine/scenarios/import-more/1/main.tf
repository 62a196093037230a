import {
  to = terraform_data.a["k"]
  id = "ID1"
}
import {
  to = terraform_data.b
  id = "ID2"
}
resource "terraform_data" "a" {
  for_each = { k = 1, l = 2 }
 input = each.value
}
resource "terraform_data" "b" { triggers_replace = 1 }
resource "terraform_data" "c" { input = terraform_data.b.id }
output "b" { value = terraform_data.b }
