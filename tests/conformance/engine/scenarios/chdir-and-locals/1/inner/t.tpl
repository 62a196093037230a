%{ for w in who ~}
hello ${w}
%{ endfor ~}
