resource   "terraform_data"    "a"{
input={a=1,b  =  [1,2,
3]
long_name="x"
}
  # comment
     lifecycle{
create_before_destroy=true
   ignore_changes=[input]   // why
}
}
variable "v"{default=1}
locals{
a=1
bcd  =   "x${ var.v }y"
  e = { for k,v in {a=1}:k=>v... }
}


output "o"{value=local.a==1?"yes":"no"}
