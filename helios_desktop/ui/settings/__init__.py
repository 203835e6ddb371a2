"""WHAT A PERSON PREFERS -> THE APPLICATION: one page a subject, every change at once."""
