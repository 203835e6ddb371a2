"""ANSWERS -> TILES: the model holds rows, the delegate paints them, the view lays them out, the loader brings thumbnails."""
