variable "database_volume" {
  type        = string
  description = "UUID of the volume with the database."
  default     = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
}

variable "files_volume" {
  type        = string
  description = "UUID of the volume with the files."
  default     = "0b1d2c94-6a3e-4f0c-9a39-5e0f7f1f7c11"
}

variable "copies" {
  type        = number
  description = "How many copies of the database are kept."
  default     = 2
}
