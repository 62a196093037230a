resource "terraform_data" "a" { input = { s = "x", n = 1 } }
output "s" { value = "two\nlines \"quoted\" ${"$"}{x}" }
output "n" { value = 1.50 }
output "big" { value = 123456789012345678901234567890 }
output "b" { value = false }
output "nil" { value = null }
output "l" { value = tolist(["a", "b"]) }
output "set" { value = toset(["b", "a"]) }
output "t" { value = [1, "a", null] }
output "m" { value = tomap({ k = "v", "odd key" = "w" }) }
output "o" { value = { a = { b = [true] }, c = null } }
output "empty_l" { value = [] }
output "empty_m" { value = {} }
output "id" { value = terraform_data.a.output }
output "sec" {
  value     = "hidden"
  sensitive = true
}
output "described" {
  value       = 1
  description = "says what it is"
}
