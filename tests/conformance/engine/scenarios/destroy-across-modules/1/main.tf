module "net" { source = "./net" }
module "app" {
  source   = "./app"
  for_each = toset(["x", "y"])
  net      = module.net.id
}
module "watch" {
  source     = "./net"
  depends_on = [module.app]
}
output "watch" { value = module.watch.id }
