variable "v" {
  type = strin
}
variable "w" {
  default = []
  type    = list(string)
}
variable "w" {}
output "o" { value = var.none }
