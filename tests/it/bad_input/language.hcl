=== text that breaks off, and more after it | validate | E0101 | 3:1
resource "terraform_data" "a" {
  input = [1, 2
}

resource "terraform_data" "b" {
  input =
}
=== an unknown resource type | validate | E0211 | 1:10
resource "openstack_compute_snapshoot" "a" {
}
=== a resource type of no provider | validate | E0211 | 1:10
resource "aws_instance" "a" {
}
=== an unknown argument | validate | E0205 | 2:3
resource "openstack_compute_snapshot" "a" {
  volume = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
}
=== an attribute that only the vendor sets | validate | E0503 | 4:3
resource "zenlayer_disk_snapshot" "a" {
  disk_id = "1700000000000000042"
  name    = "db-1"
  status  = "AVAILABLE"
}
=== an unknown block | validate | E0203 | 1:1
resorce "terraform_data" "a" {
}
=== an unknown block in a resource | validate | E0203 | 2:3
resource "terraform_data" "a" {
  lifecicle {
  }
}
=== a block with too few labels | validate | E0204 | 1:1
resource "terraform_data" {
}
=== a name that is none | validate | E0210 | 1:27
resource "terraform_data" "7th heaven" {
}
=== a resource that is declared twice | validate | E0207 | 4:1
resource "terraform_data" "a" {
}

resource "terraform_data" "a" {
}
=== a variable that is declared twice | validate | E0207 | 4:1
variable "a" {
}

variable "a" {
}
=== an output that is declared twice | validate | E0207 | 5:1
output "a" {
  value = 1
}

output "a" {
  value = 2
}
=== a local value that is declared twice | validate | E0207 | 6:3
locals {
  a = 1
}

locals {
  a = 2
}
=== an argument that is given twice | validate | E0207 | 3:3
resource "terraform_data" "a" {
  input = 1
  input = 2
}
=== a provider that is configured twice | validate | E0207 | 4:1
provider "openstack" {
}

provider "openstack" {
}
=== an unknown provider | validate | E0212 | 1:1
provider "openstak" {
}
=== a reference to no resource | validate | E0301 | 2:11
output "a" {
  value = openstack_compute_snapshot.dayly.id
}

resource "openstack_compute_snapshot" "daily" {
  volume_id = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
}
=== a reference to no variable | validate | E0301 | 6:11
variable "region" {
  default = "x"
}

output "a" {
  value = var.regoin
}
=== a reference to no local value | validate | E0301 | 2:11
output "a" {
  value = local.nothing
}
=== a reference to no attribute | validate | E0302 | 5:28
resource "terraform_data" "a" {
}

output "a" {
  value = terraform_data.a.outptu
}
=== a circle of local values | validate | E0214 | 2:7
locals {
  a = local.b
  b = local.c + 1
  c = local.a
}
=== a circle of resources | validate | E0214 | 2:11
resource "terraform_data" "a" {
  input = terraform_data.b.output
}

resource "terraform_data" "b" {
  input = terraform_data.a.output
}
=== a reference to itself | validate | E0214 | 2:11
resource "terraform_data" "a" {
  input = terraform_data.a.output
}
=== count and for_each together | validate | E0208 | 3:3
resource "terraform_data" "a" {
  count    = 1
  for_each = toset(["a"])
}
=== fewer than none | plan | E0805 | 2:11
resource "terraform_data" "a" {
  count = -1
}
=== a count that is known after apply | plan | E0309 | 5:11
resource "terraform_data" "a" {
}

resource "terraform_data" "b" {
  count = length(terraform_data.a.id)
}
=== keys in a list | plan | E0805 | 2:14
resource "terraform_data" "a" {
  for_each = ["a", "b"]
}
=== sensitive keys | plan | E0310 | 8:14
variable "names" {
  type      = set(string)
  sensitive = true
  default   = ["a"]
}

resource "terraform_data" "a" {
  for_each = var.names
}
=== an unknown function | validate | E0401 | 2:11
output "a" {
  value = uper("a")
}
=== too many arguments of a function | validate | E0402 | 2:22
output "a" {
  value = upper("a", "b")
}
=== a function without a result | plan | E0403 | 2:22
output "a" {
  value = jsondecode("{")
}
=== a division by zero | plan | E0308 | 2:11
output "a" {
  value = 1 / 0
}
=== an operand that is none | plan | E0303 | 2:11
output "a" {
  value = "a" + 1
}
=== results that do not fit together | plan | E0305 | 6:26
variable "is_large" {
  default = true
}

output "a" {
  value = var.is_large ? [1] : { a = 1 }
}
=== a key that comes twice | plan | E0306 | 2:38
output "a" {
  value = { for word in ["a", "a"] : word => 1 }
}
=== a list in a template | plan | E0307 | 2:21
output "a" {
  value = "names: ${["a", "b"]}"
}
=== nothing where something is needed | plan | E0311 | 2:11
resource "terraform_data" "a" {
  count = null
}
=== a key outside of its resource | validate | E0312 | 2:11
output "a" {
  value = each.key
}
=== a type that is none | validate | E0209 | 2:10
variable "a" {
  type = strin
}
=== a default of the wrong type | validate | E0215 | 3:13
variable "a" {
  type    = number
  default = "many"
}
=== a required argument that is null | plan | E0206 | 2:15
resource "openstack_compute_snapshot" "a" {
  volume_id = null
}
=== a version that is not this one | validate | E0219 | 2:22
snapform {
  required_version = ">= 99.0"
}
=== a module that is nowhere | validate | E0223 | 2:12
module "a" {
  source = "./a"
}
=== a condition that is not met | plan | E0807 | 4:23
resource "terraform_data" "a" {
  lifecycle {
    precondition {
      condition     = terraform.workspace == "x"
      error_message = "Only for x."
    }
  }
}
=== depends_on nothing | validate | E0301 | 2:17
resource "terraform_data" "a" {
  depends_on = [terraform_data.b]
}
=== several problems at once | validate | E0301 | 2:11
output "a" {
  value = var.one
}

output "b" {
  value = var.two
}

resource "ctl_server_snapshot" "c" {
  server     = "x"
  expiration = 12
}
=== a dynamic block without content | validate | E0204 | 2:3
resource "terraform_data" "a" {
  dynamic "timeouts" {
    for_each = []
  }
}
=== a dynamic lifecycle | validate | E0203 | 2:11
resource "terraform_data" "a" {
  dynamic "lifecycle" {
    for_each = [1]
    content {
      prevent_destroy = true
    }
  }
}
=== a mistake in what a dynamic block makes | plan | E0302 | 9:34
resource "openstack_compute_snapshot" "a" {
  volume_id = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
  name      = "a"

  dynamic "timeouts" {
    for_each = { long = { minutes = 90 } }

    content {
      create = "${timeouts.value.minute}m"
    }
  }
}
=== an ephemeral value in an argument | validate | E0313 | 7:11
variable "token" {
  type      = string
  ephemeral = true
}

resource "terraform_data" "a" {
  input = "${var.token}!"
}
=== an ephemeral count | validate | E0313 | 8:11
variable "many" {
  type      = number
  ephemeral = true
  default   = 1
}

resource "terraform_data" "a" {
  count = var.many
}
=== an ephemeral for_each | plan | E0313 | 8:14
variable "token" {
  type      = string
  ephemeral = true
  default   = "x"
}

resource "terraform_data" "a" {
  for_each = toset([var.token])
}
=== an ephemeral value in an output of the root module | validate | E0313 | 11:11
variable "token" {
  type      = string
  ephemeral = true
}

locals {
  header = "Bearer ${var.token}"
}

output "header" {
  value = local.header
}
=== an ephemeral output of the root module | validate | E0313 | 6:1
variable "token" {
  type      = string
  ephemeral = true
}

output "token" {
  value     = var.token
  ephemeral = true
}
=== whether it is applied is not kept | validate | E0313 | 2:11
resource "terraform_data" "a" {
  input = terraform.applying
}
=== a condition of an output that does not hold | plan | E0807 | 10:21
variable "level" {
  type    = number
  default = 3
}

output "level" {
  value = var.level

  precondition {
    condition     = var.level > 5
    error_message = "Level ${var.level} is too low."
  }
}
=== a rule of a variable about something else | validate | E0222 | 11:21
variable "other" {
  type    = number
  default = 1
}

variable "level" {
  type    = number
  default = 1

  validation {
    condition     = var.other > 0
    error_message = "No."
  }
}
=== a condition that looks at nothing | validate | E0222 | 5:23
resource "terraform_data" "a" {
  lifecycle {
    precondition {
      error_message = "No."
      condition     = 1 < 2
    }
  }
}
=== a rule that looks at another variable and a local value | plan | E0218 | 5:1
variable "most" {
  type = number
  default = 10
}
variable "level" {
  default = 12
  validation {
    condition     = var.level <= var.most * local.factor
    error_message = "At most ${var.most * local.factor}."
  }
}
locals {
  factor = 1
}
=== a default that is null where null is not allowed | validate | E0311 | 4:14
variable "level" {
  type     = string
  nullable = false
  default  = null
}
=== a sensitive variable in a plain output | validate | E0310 | 6:1
variable "password" {
  type      = string
  sensitive = true
}

output "password" {
  value = "${var.password}!"
}
=== deprecated is of a later Terraform | validate | E0213 | 3:3
variable "level" {
  type       = string
  deprecated = "Use something else."
}
