variable "ticket" {
  type        = string
  description = "The incident's ticket; every name begins with it."
  default     = "INC-1042"

  validation {
    condition     = can(regex("^INC-[0-9]+$", var.ticket))
    error_message = "A ticket looks like INC-1042."
  }
}

variable "keep_days" {
  type        = number
  description = "Days to keep the snapshots, where the vendor can be told."
  default     = 30

  validation {
    condition     = var.keep_days >= 2 && floor(var.keep_days) == var.keep_days
    error_message = "Keep the snapshots for a whole number of days, two at least."
  }
}

variable "network_test" {
  type        = string
  description = "Number of the ThousandEyes test."
  default     = "19955"
}

variable "shop_volumes" {
  type        = map(string)
  description = "UUIDs of the shop's OpenStack volumes, by name; `web` must be there."

  default = {
    web    = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
    images = "0b1d2c94-6a3e-4f0c-9a39-5e0f7f1f7c11"
  }

  validation {
    condition     = contains(keys(var.shop_volumes), "web")
    error_message = "The volume `web` is missing: the tags of the orders name its snapshot."
  }
}

variable "orders_disk" {
  type        = string
  description = "Id of the Apsara disk with the orders."
  default     = "d-bp1s5fnvk4gn2tws0001"
}

variable "edge_disks" {
  type        = list(string)
  description = "Ids of the Zenlayer disks at the edge."
  default     = ["1700000000000000042", "1700000000000000043"]
}

variable "legacy_server" {
  type        = string
  description = "Id of the CenturyLink server."
  default     = "WA1ALIASWB01"
}

variable "legacy_account" {
  type        = string
  description = "Alias of the CenturyLink account."
  default     = "ALIAS"
}
