removed {
  from = module.m
  lifecycle { destroy = false }
}
removed {
  from = terraform_data.x
  lifecycle { destroy = true }
}
removed {
  from = terraform_data.y
  lifecycle { destroy = false }
}
