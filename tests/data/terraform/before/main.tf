resource "terraform_data" "updated" { input = { a = 1, list = ["x"] } }
resource "terraform_data" "replaced" { triggers_replace = 1 }
resource "terraform_data" "renamed" {}
resource "terraform_data" "gone" {}
resource "terraform_data" "forgotten" {}
resource "terraform_data" "shrinks" { count = 2 }
resource "terraform_data" "kept" {
  for_each = toset(["k", "l"])
  input    = each.key
}
resource "terraform_data" "tainted" {}
resource "terraform_data" "triggered" {}
output "changed" { value = 1 }
output "removed" { value = "x" }
output "hidden" {
  value     = "old"
  sensitive = true
}
