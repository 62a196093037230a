resource "terraform_data" "b" {
  for_each = toset(["x","y"]) 
 input = each.key
}
resource "terraform_data" "u" { input = terraform_data.b["y"].id }
moved { 
 from = terraform_data.a[0] 
 to = terraform_data.b["x"] 
}
moved { 
 from = terraform_data.a[1] 
 to = terraform_data.b["y"] 
}
