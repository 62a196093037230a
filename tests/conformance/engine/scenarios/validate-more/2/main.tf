resource "terraform_data" "a" {
  input = { for k in 5 : k => k }
}
resource "terraform_data" "b" {
  count = "x"
  input = each.key
}
resource "terraform_data" "c" {
  for_each = ["a"]
  input = count.index
}
output "p" { value = terraform_data.b.id }
output "q" { value = terraform_data.c["a"].id + "x" }
output "r" { value = 1 + true ? 2 : 3 }
