"""The command line: one door to everything, for people and for scripts."""
