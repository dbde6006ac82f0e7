"""Seals: what certainly stands in the books is put under a hash that the notice board shows.

The format (leaf, node, seal, commitment) is that of ``points.ledger.linli_verify``, which is both
its description and the only program that computes it; we compute with it too.  Each book has its
own chain of seals: its digest hangs on its own board, and its export proves itself without the
books of others.  A seal takes every posting of its book since the last seal up to the horizon, in
the order of posting numbers; so all that is at or below the highest sealed number is sealed, and
whoever adds something behind a seal is found.
"""
