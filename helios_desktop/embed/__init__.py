"""PIXELS, WORDS -> VECTORS: what comes in are views (uint8 pixels) and texts, what goes out are float32 rows of unit length."""
