locals {
  a = each.key
  b = count.index
  c = self.id
  d = nofunction(1)
  e = [1, 2
}
