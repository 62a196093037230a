snapform {
  required_version = ">= 0.1.0"
}

provider "ctl" {
  alias         = "legacy"
  account_alias = var.legacy_account
}
