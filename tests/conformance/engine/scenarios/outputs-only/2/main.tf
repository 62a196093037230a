output "s" { value = "x2" }
output "a" { 
 value = 2 
 sensitive = true
}
