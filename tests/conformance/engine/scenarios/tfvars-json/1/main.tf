variable "s" { type = string }
variable "n" { type = number }
variable "l" { type = list(string) }
variable "o" {
  type = object({
    a = string
    b = optional(number, 7)
    c = optional(list(bool))
  })
}
variable "m" { type = map(number) }
variable "any" { type = any }
variable "z" {
  type    = string
  default = "kept"
  nullable = false
}
resource "terraform_data" "a" { input = [var.s, var.n, var.l, var.o, var.m, var.any, var.z] }
output "o" { value = var.o }
