variable "t" {
  ephemeral = true
  default   = "tok"
}
resource "terraform_data" "a" { input = var.t }
output "o" { value = var.t }
output "e" {
  value     = var.t
  ephemeral = true
}
