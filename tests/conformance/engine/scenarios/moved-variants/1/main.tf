resource "terraform_data" "a" {
  count = 3 
 input = count.index
}
resource "terraform_data" "u" { input = terraform_data.a[1].id }
