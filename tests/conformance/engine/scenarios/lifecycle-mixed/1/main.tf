variable "v" { default = 1 }
resource "terraform_data" "base" { input = var.v }
resource "terraform_data" "cbd" {
  triggers_replace = terraform_data.base.output
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.base.input]
    ignore_changes        = [input]
  }
  input = var.v
}
resource "terraform_data" "after" { input = terraform_data.cbd.id }
