variable "disk_id" {
  type        = string
  description = "The disk to copy, as DescribeDisks lists it."
  default     = "1700000000000000042"
}
