variable "backup" {
  type        = string
  description = "Value of the tag `backup` of the disks to copy."
  default     = "daily"
}
