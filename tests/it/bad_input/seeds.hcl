=== a snapshot is kept for one day at least | validate | E0501 | 3:21
resource "ctl_server_snapshot" "a" {
  server_id       = "WA1ALIASWB01"
  expiration_days = 0
}
=== a snapshot is kept for ten days at most | validate | E0501 | 3:21
resource "ctl_server_snapshot" "a" {
  server_id       = "WA1ALIASWB01"
  expiration_days = 11
}
=== days are whole | validate | E0501 | 3:21
resource "ctl_server_snapshot" "a" {
  server_id       = "WA1ALIASWB01"
  expiration_days = "1.5"
}
=== days are a number | validate | E0304 | 3:21
resource "ctl_server_snapshot" "a" {
  server_id       = "WA1ALIASWB01"
  expiration_days = "a week"
}
=== both server and days are needed | validate | E0206 | 1:1
resource "ctl_server_snapshot" "a" {
}
=== one snapshot of a server leaves no other order | plan | E0808 | 5:5
resource "ctl_server_snapshot" "a" {
  server_id       = "WA1ALIASWB01"
  expiration_days = 7
  lifecycle {
    create_before_destroy = true
  }
}
=== a server is named once, whatever its spelling | plan | E0505 | 6:21
resource "ctl_server_snapshot" "a" {
  server_id       = "WA1ALIASWB01"
  expiration_days = 7
}
resource "ctl_server_snapshot" "b" {
  server_id       = "wa1aliaswb01"
  expiration_days = 3
}
=== disk and name are needed | validate | E0206 | 1:1
resource "zenlayer_disk_snapshot" "a" {
  retention_time = "2099-01-01T00:00:00Z"
}
=== retention has one form | validate | E0501 | 4:20
resource "zenlayer_disk_snapshot" "a" {
  disk_id        = "1700000000000000042"
  name           = "db-1"
  retention_time = "2099-01-01 00:00"
}
=== retention is a day ahead | plan | E0501 | 4:20
resource "zenlayer_disk_snapshot" "a" {
  disk_id        = "1700000000000000042"
  name           = "db-1"
  retention_time = timeadd(plantimestamp(), "23h")
}
=== a name has its characters | validate | E0501 | 3:13
resource "zenlayer_disk_snapshot" "a" {
  disk_id = "1700000000000000042"
  name    = "db 1"
}
=== an unusual disk is pointed out | validate | W0504 | 2:13
resource "zenlayer_disk_snapshot" "a" {
  disk_id = "disk-1"
  name    = "db-1"
}
=== test, title and begin are needed | validate | E0206 | 1:1
resource "thousandeyes_snapshot" "a" {
  to = "2018-10-06T01:00:00Z"
}
=== an end is needed | validate | E0502 | 1:1
resource "thousandeyes_snapshot" "a" {
  test_id      = 19955
  display_name = "a"
  from         = "2018-10-06T00:00:00Z"
}
=== one end is enough | validate | E0502 | 6:20
resource "thousandeyes_snapshot" "a" {
  test_id        = 19955
  display_name   = "a"
  from           = "2018-10-06T00:00:00Z"
  to             = "2018-10-06T01:00:00Z"
  duration_hours = 1
}
=== three hours are not offered | validate | E0502 | 5:18
resource "thousandeyes_snapshot" "a" {
  test_id      = 19955
  display_name = "a"
  from         = "2018-10-06T00:00:00Z"
  to           = "2018-10-06T03:00:00Z"
}
=== three hours are not offered as a number either | validate | E0501 | 5:20
resource "thousandeyes_snapshot" "a" {
  test_id        = 19955
  display_name   = "a"
  from           = "2018-10-06T00:00:00Z"
  duration_hours = 3
}
=== the end comes after the begin | validate | E0502 | 5:18
resource "thousandeyes_snapshot" "a" {
  test_id      = 19955
  display_name = "a"
  from         = "2018-10-06T01:00:00Z"
  to           = "2018-10-06T00:00:00Z"
}
=== the range lies in the past | plan | E0502 | 5:20
resource "thousandeyes_snapshot" "a" {
  test_id        = 19955
  display_name   = "a"
  from           = plantimestamp()
  duration_hours = 1
}
=== an instant is one | validate | E0501 | 4:20
resource "thousandeyes_snapshot" "a" {
  test_id        = 19955
  display_name   = "a"
  from           = "yesterday"
  duration_hours = 1
}
=== a test has a number | validate | E0501 | 2:20
resource "thousandeyes_snapshot" "a" {
  test_id        = "my test"
  display_name   = "a"
  from           = "2018-10-06T01:00:00Z"
  duration_hours = 1
}
=== public or not | validate | E0304 | 6:20
resource "thousandeyes_snapshot" "a" {
  test_id        = 19955
  display_name   = "a"
  from           = "2018-10-06T01:00:00Z"
  duration_hours = 1
  public         = "perhaps"
}
=== a disk is needed | validate | E0206 | 1:1
resource "apsara_ecs_snapshot" "a" {
  name = "ab"
}
=== a description has two characters | validate | E0501 | 3:17
resource "apsara_ecs_snapshot" "a" {
  disk_id     = "d-bp1s5fnvk4gn2tws0001"
  description = "x"
}
=== a description has 256 characters at most | validate | E0501 | 3:17
resource "apsara_ecs_snapshot" "a" {
  disk_id     = "d-bp1s5fnvk4gn2tws0001"
  description = join("", [for number in range(257) : "x"])
}
=== a description is no address | validate | E0501 | 3:17
resource "apsara_ecs_snapshot" "a" {
  disk_id     = "d-bp1s5fnvk4gn2tws0001"
  description = "https is safe"
}
=== there are two categories | validate | E0501 | 3:14
resource "apsara_ecs_snapshot" "a" {
  disk_id  = "d-bp1s5fnvk4gn2tws0001"
  category = "Flush"
}
=== a tag has a key | validate | E0501 | 3:13
resource "apsara_ecs_snapshot" "a" {
  disk_id = "d-bp1s5fnvk4gn2tws0001"
  tags    = { "" = "empty" }
}
=== a tag's key is not the vendor's | validate | E0501 | 3:13
resource "apsara_ecs_snapshot" "a" {
  disk_id = "d-bp1s5fnvk4gn2tws0001"
  tags    = { aliyun-env = "test" }
}
=== a tag's key is not long | validate | E0501 | 3:13
resource "apsara_ecs_snapshot" "a" {
  disk_id = "d-bp1s5fnvk4gn2tws0001"
  tags    = { (join("", [for number in range(129) : "k"])) = "long" }
}
=== a tag's value is not the vendor's | validate | E0501 | 3:13
resource "apsara_ecs_snapshot" "a" {
  disk_id = "d-bp1s5fnvk4gn2tws0001"
  tags    = { env = "acs:test" }
}
=== a tag's value holds no address | validate | E0501 | 3:13
resource "apsara_ecs_snapshot" "a" {
  disk_id = "d-bp1s5fnvk4gn2tws0001"
  tags    = { env = "see http://example.test" }
}
=== there are twenty tags at most | validate | E0501 | 3:13
resource "apsara_ecs_snapshot" "a" {
  disk_id = "d-bp1s5fnvk4gn2tws0001"
  tags    = { for number in range(21) : "key-${number}" => number }
}
=== days of retention begin at one | validate | E0501 | 3:20
resource "apsara_ecs_snapshot" "a" {
  disk_id        = "d-bp1s5fnvk4gn2tws0001"
  retention_days = 0
}
=== days of retention end at 65536 | validate | E0501 | 3:20
resource "apsara_ecs_snapshot" "a" {
  disk_id        = "d-bp1s5fnvk4gn2tws0001"
  retention_days = 65537
}
=== a name starts with a letter | validate | E0501 | 3:13
resource "apsara_ecs_snapshot" "a" {
  disk_id = "d-bp1s5fnvk4gn2tws0001"
  name    = "1st"
}
=== a name is not taken for an automatic one | validate | E0501 | 3:13
resource "apsara_ecs_snapshot" "a" {
  disk_id = "d-bp1s5fnvk4gn2tws0001"
  name    = "auto-daily"
}
=== a name has its length | validate | E0501 | 3:13
resource "apsara_ecs_snapshot" "a" {
  disk_id = "d-bp1s5fnvk4gn2tws0001"
  name    = join("", [for number in range(129) : "n"])
}
=== a region is needed | plan-real | W0612 | 1:1
provider "apsara" {
  endpoint   = "https://api.example.test"
  app_key    = "key"
  app_secret = "secret"
}

resource "apsara_ecs_snapshot" "a" {
  disk_id = "d-bp1s5fnvk4gn2tws0001"
}
=== a volume is needed | validate | E0206 | 1:1
resource "openstack_compute_snapshot" "a" {
  name = "snap-001"
}
=== a volume is a UUID | validate | E0501 | 2:15
resource "openstack_compute_snapshot" "a" {
  volume_id = "12"
}
=== force is a truth value | validate | E0304 | 3:15
resource "openstack_compute_snapshot" "a" {
  volume_id = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
  force     = "very"
}
=== a name has 255 characters at most | validate | E0501 | 3:15
resource "openstack_compute_snapshot" "a" {
  volume_id = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
  name      = join("", [for number in range(256) : "n"])
}
=== credentials are needed | plan-real | W0612 | 1:1
resource "openstack_compute_snapshot" "a" {
  volume_id = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
}
=== the rule of one instance names that instance | plan | E0501 | 4:21
resource "ctl_server_snapshot" "a" {
  for_each        = { short = 3, long = 30 }
  server_id       = "WA1ALIASWB01"
  expiration_days = each.value
}
