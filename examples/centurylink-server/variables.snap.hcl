variable "servers" {
  type        = set(string)
  description = "Ids of the servers to copy."
  default     = ["WA1ALIASWB01", "WA1ALIASWB02"]
}

variable "days" {
  type        = number
  description = "How many days the vendor keeps the snapshots."
  default     = 7

  validation {
    condition     = var.days >= 1 && var.days <= 10
    error_message = "CenturyLink Cloud keeps a snapshot for 1 to 10 days."
  }
}
