variable "disks" {
  type        = map(string)
  description = "Ids of the disks to copy, by a name of your own."

  default = {
    system = "d-bp1s5fnvk4gn2tws0001"
    data   = "d-bp1s5fnvk4gn2tws0002"
  }
}

variable "retention_days" {
  type        = number
  description = "Days until the vendor deletes the snapshots; null keeps them for ever."
  default     = 30
}
