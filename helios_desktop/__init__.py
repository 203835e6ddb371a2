"""Helios Desktop: search your own photos with words, on your own computer."""

__version__ = "0.1.0"
