resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "bad" {
  input = terraform_data.a.id
  lifecycle {
    postcondition {
      condition     = self.output == "never"
      error_message = "not so"
    }
  }
}
resource "terraform_data" "after" { input = terraform_data.bad.id }
resource "terraform_data" "beside" { input = terraform_data.a.output }
output "after" { value = terraform_data.after.id }
output "beside" { value = terraform_data.beside.output }
