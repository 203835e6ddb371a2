"""FOLDERS -> PLACES: the panel at the left, where a person chooses what to look at."""
