"""Of the forty codecs of imagecodecs Helios uses two: JPEG XL, and the Brotli that packs its facts."""

hiddenimports = ["imagecodecs._jpegxl", "imagecodecs._brotli", "imagecodecs._shared", "imagecodecs._shared_cython"]
