variable "a" {
  type     = object({ x = optional(string, "dx"), y = optional(object({ z = optional(number, 3) }), {}) })
  default  = {}
}
variable "b" {
  type     = string
  default  = "db"
  nullable = false
}
variable "c" {
  type    = string
  default = null
}
variable "d" {
  type    = list(object({ k = string, v = optional(list(string), ["q"]) }))
  default = [{ k = "1" }, { k = "2", v = null }, { k = "3", v = [] }]
}
resource "terraform_data" "r" { input = [var.a, var.b, var.c, var.d, coalesce(var.c, "none")] }
output "r" { value = terraform_data.r.input }
