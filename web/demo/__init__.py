"""A believable neighbourhood of 新虹街道's shape, built through the use cases.

``people`` says who lives where, ``calendar`` what they do together week by week, ``build`` tells
the story in order.  The same seed and day give the same neighbourhood; only passwords are fresh.
"""
