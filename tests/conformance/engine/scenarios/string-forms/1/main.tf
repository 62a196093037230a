locals {
  s = "t\tab \u00e9 \U0001F600 %%{x} $${y}"
  h = <<EOT
line "one" ${1 + 1}
%{if true}yes%{else}no%{endif}
%{for i in [1, 2]~}
i=${i}
%{endfor~}
end
EOT
  n = "a${null == null}b${1.0}c${1e3}"
}
resource "terraform_data" "a" { input = [local.s, local.h, local.n, "e\u0301" == "\u00e9"] }
output "all" { value = [local.s, local.h, local.n] }
output "h" { value = local.h }
