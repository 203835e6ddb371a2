"""VECTOR -> NEAREST: projections of the catalogue's vectors that answer "which photos lie closest"."""
