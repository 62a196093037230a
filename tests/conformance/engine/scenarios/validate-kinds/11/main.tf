resource "terraform_data" "a" { input = { a = 1 } }
output "x" { value = terraform_data.a.outputt }
output "y" { value = terraform_data.a["k"] }
output "z" { value = "a" + 1 }
output "u" { value = [1, 2].x }
output "t" { value = true ? "a" : [1] }
output "f" { value = substr("a") }
output "h" { value = { a = 1 }.b }
output "i" { value = [1, 2][5] }
output "j" { value = jsondecode("{") }
output "k" { value = var.v.w }
output "l" { value = path.nope }
output "m" { value = terraform.nope }
variable "v" { type = object({ a = string }) }
