moved {
  from = terraform_data.a
  to   = terraform_data.a
}
moved {
  from = terraform_data.b
}
removed {
  from = terraform_data.c[0]
}
import {
  id = "x"
}
check "c" {}
