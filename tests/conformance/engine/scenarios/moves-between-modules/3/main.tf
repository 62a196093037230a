module "b" {
  source   = "./m"
  for_each = toset(["k"])
}
moved {
  from = module.a
  to   = module.b[0]
}
moved {
  from = module.b[0]
  to   = module.b["k"]
}
removed {
  from = module.c
  lifecycle { destroy = false }
}
