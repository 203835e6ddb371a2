"""WHAT EXISTS: photos, their state, their vectors and the user's own marks, in one SQLite file that is the truth."""
