v=1
long_name  =  "x"
list=["a",
"b"]
