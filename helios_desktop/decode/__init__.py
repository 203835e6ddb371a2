"""FILE -> PIXELS: decoding, in processes of its own.

A path goes in; a ``DecodedPhoto`` (pixels for the models, a thumbnail, facts) or a reason why there is none comes out.
"""
