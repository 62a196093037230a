variable "data_center" {
  type        = string
  description = "Data centre whose servers are copied."
  default     = "WA1"
}
