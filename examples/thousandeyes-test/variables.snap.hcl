variable "test_id" {
  type        = string
  description = "Number of the test whose results are kept."
  default     = "19955"
}

variable "ticket" {
  type        = string
  description = "The incident's ticket. It is part of the titles, by which a lost create is found again."
  default     = "INC-1042"

  validation {
    condition     = can(regex("^INC-[0-9]+$", var.ticket))
    error_message = "A ticket looks like INC-1042."
  }
}

variable "from" {
  type        = string
  description = "Begin of the hours to keep, in UTC."
  default     = "2026-11-12T09:00:00Z"
}
