locals {
  here = path.module
  root = path.root
  f    = file("${path.module}/note.txt")
  t    = templatefile("${path.module}/t.tpl", { who = ["a", "b"] })
}
resource "terraform_data" "a" { input = [local.here, local.root, local.f, local.t] }
output "a" { value = [local.here, local.root, local.f, local.t] }
