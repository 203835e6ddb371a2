"""NAMES <-> SPOTS ON THE MAP: an offline gazetteer; no network, no photos."""
