"""Points in common: the pool of a household, the honour of a stairwell, the commons of a book."""
