"""How large a picture may be: sizes from a header in, a judgement out, before any pixel is decoded.

The figures keep one decode worker below a known peak of memory, since a file of a few bytes may promise billions of pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helios_desktop.domain import SkipReason
from helios_desktop.errors import SkippedFileError

WAVELET_BYTES = 6
"""openjpeg holds each coefficient of a tile in 32 bits, and half of them once more; libjxl does nearly so (measured)."""
COEFFICIENT_BYTES = 2
"""A progressive JPEG keeps every DCT coefficient until its last scan (ITU-T T.81, G.1); libjpeg stores each in 16 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a worker accepts. Pixels are counted in the original, bytes in the file or in memory."""

    reducible_pixels: int = 500_000_000
    other_pixels: int = 128_000_000
    file_bytes: int = 512 * 1024 * 1024
    coefficient_bytes: int = 1_100_000_000
    """A JPEG's scans, or a JPEG 2000's tile."""

    def judge_file(self, size: int) -> None:
        """Raise ``SkippedFileError`` where ``size`` bytes are none (empty) or too many (too-large)."""
        if size == 0:
            raise SkippedFileError(SkipReason.EMPTY, "The file holds no bytes.")
        if size > self.file_bytes:
            raise SkippedFileError(SkipReason.TOO_LARGE, f"The file has {size:,} bytes; at most {self.file_bytes:,} are read.")

    def judge_picture(self, width: int, height: int, *, is_reducible: bool) -> None:
        """Raise ``SkippedFileError`` (too-large, damaged) by the size that a header promises.

        ``is_reducible``: the decoder can make a smaller picture without ever holding the large one.
        """
        if width <= 0 or height <= 0:
            raise SkippedFileError(SkipReason.DAMAGED, f"The header promises {width} x {height} pixels.")
        most = self.reducible_pixels if is_reducible else self.other_pixels
        if width * height > most:
            raise SkippedFileError(
                SkipReason.TOO_LARGE,
                f"The picture has {width} x {height} = {width * height:,} pixels; at most {most:,} are decoded.",
            )

    def judge_coefficients(self, width: int, height: int, sampling: Sequence[tuple[int, int]]) -> None:
        """Raise ``SkippedFileError`` (too-large) where a progressive JPEG would need too much memory for its scans.

        ``sampling``: horizontal and vertical factors of each component.
        """
        widest = max((across for across, _ in sampling), default=1) or 1
        tallest = max((down for _, down in sampling), default=1) or 1
        share = sum(across * down for across, down in sampling) / (widest * tallest)
        needed = int(width * height * share * COEFFICIENT_BYTES)
        if needed > self.coefficient_bytes:
            raise SkippedFileError(
                SkipReason.TOO_LARGE,
                f"A progressive JPEG of {width} x {height} pixels needs {needed:,} bytes at once; "
                f"at most {self.coefficient_bytes:,} are given.",
            )

    def judge_wavelets(self, pixels: int, components: int, what: str = "A JPEG 2000 with a tile") -> None:
        """Raise ``SkippedFileError`` (too-large) where a decoder would hold too much of ``pixels`` of ``what`` at once."""
        needed = pixels * components * WAVELET_BYTES
        if needed > self.coefficient_bytes:
            raise SkippedFileError(
                SkipReason.TOO_LARGE,
                f"{what} of {pixels:,} pixels needs {needed:,} bytes at once; at most {self.coefficient_bytes:,} are given.",
            )
