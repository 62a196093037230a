module "net" { source = "./net" }
