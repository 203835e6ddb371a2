"""FILE -> PIXELS: a path comes in, an upright sRGB picture with its metadata and thumbnail goes out, or the reason why not."""
