resource "terraform_data" "a" { input = { a = 1 } }
output "x" { value = terraform_data.a.outputt }
output "y" { value = terraform_data.a["k"] }
output "z" { value = "a" + 1 }
output "u" { value = [1, 2].x }
output "t" { value = true ? "a" : [1] }
output "f" { value = substr("a") }
output "g" { value = "${1" }
