variable "v" { default = "a" }
output "a" { value = var.v }
output "b" {
  value     = sensitive(var.v)
  sensitive = true
}
output "c" {
  value       = { x = [1, null] }
  description = "d"
}
