module "b" {
  source = "./m"
  count  = 1
}
module "c" {
  source = "./n"
}
moved {
  from = module.a
  to   = module.b[0]
}
moved {
  from = terraform_data.r
  to   = module.c.terraform_data.s
}
