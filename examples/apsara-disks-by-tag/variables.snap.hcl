variable "retention_days" {
  type        = number
  description = "Days until the vendor deletes the snapshots; null keeps them for ever."
  default     = 7
}
