"""A PHOTO -> THE WHOLE WINDOW: zoom, pan, the next one, slideshow; every pixel comes from our own decoder."""
