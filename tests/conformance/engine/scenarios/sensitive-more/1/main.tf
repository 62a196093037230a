variable "p" { 
 default = "pw" 
 sensitive = true 
}
resource "terraform_data" "a" { input = { u = "x", p = var.p, l = [var.p] } }
resource "terraform_data" "b" { triggers_replace = [var.p, sensitive(2)] }
resource "terraform_data" "c" { input = tomap({ k = var.p, j = "n" }) }
resource "terraform_data" "d" {
  for_each = nonsensitive(toset([var.p])) 
 input = each.key
}
output "o" { 
 value = { p = var.p, q = 1 } 
 sensitive = true 
}
output "n" { value = nonsensitive(var.p) }
