output "h" { value = terraform_data.b.output }
