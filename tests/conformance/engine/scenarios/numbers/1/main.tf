resource "terraform_data" "a" { input = [1, 1.5, 1e30, 0.1, -0, 12345678901234567890, 1/3, "1", true, null] }
output "o" { value = terraform_data.a.output }
output "t" { value = { a = tolist([1,2]), b = toset(["y","x"]), c = tomap({q=1}), d = [1,"a"], e = null } }
