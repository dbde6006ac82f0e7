"""The books as files that other programs read.

Every format is a stream of text, read by key in one snapshot of the database, so memory stays flat
however large the books are.  Names stand only in what somebody entitled asked for by name.
"""
