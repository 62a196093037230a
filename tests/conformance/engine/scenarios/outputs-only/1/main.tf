variable "v" { default = 1 }
output "a" { value = var.v }
output "s" { 
 value = "x${var.v}" 
 sensitive = true 
}
output "n" { value = var.v > 1 ? null : var.v }
