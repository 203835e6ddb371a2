"""SETTINGS -> PARTS: the only place that picks a model, an engine and a store, and shares the cores among them.

``library.Parts`` is what ``app.py`` opens; ``models``, ``engines`` and ``other_libraries`` hold the parts that come in several.
"""
