locals {
  heredoc = <<-EOT
      keep
        this ${  local.a  }
    EOT
  call=merge({a=1},{b=2,})
  neg = - 1
  not = ! true
  tern = true?1:2
  idx = [1,2] [ 0 ]
  splat = [{a=1}] [*].a
  obj = {
    a=1
    long="x",
    "q" : 2
    (local.a)=3
  }
}
/* block
   comment */ variable "w" { }
