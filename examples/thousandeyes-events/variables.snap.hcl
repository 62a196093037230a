variable "tests" {
  type        = set(string)
  description = "Names of the tests whose results are kept."
  default     = ["test 19955", "test 19956"]
}

variable "ticket" {
  type        = string
  description = "The incident's ticket. It is part of the titles."
  default     = "INC-1042"
}

variable "from" {
  type        = string
  description = "Begin of the hours to keep, in UTC."
  default     = "2026-11-12T09:00:00Z"
}
