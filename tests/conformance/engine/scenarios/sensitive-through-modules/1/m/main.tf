variable "pw" {}
variable "plain" { sensitive = true }
resource "terraform_data" "k" {
  input            = var.pw
  triggers_replace = var.plain
}
output "pw" { value = terraform_data.k.output }
output "plain" { value = nonsensitive(var.plain) }
