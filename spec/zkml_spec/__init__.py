"""A verifier of zkml proofs, written from docs/proof-format.md alone, in Python's standard library."""
