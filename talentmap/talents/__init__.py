"""Talents: who can do what, and how much of where they live may be known.

A profile is private until its owner consents and says who sees her.  Those who see her are an
*audience*: everybody (0), her neighbourhood, or her stairwell; ``group_id`` is the audience she
belongs to by her wish, ``audience_id`` the same once she is shown.  Where she is shown is decided
once, by ``published``, and every surface reads only that: an area in which at least
``rules.LISTED_LEAST`` people of the same audience are shown exactly there.
"""
