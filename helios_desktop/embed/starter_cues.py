"""Pixels -> cues: what the classifier of the starter model cannot say. Colours, black and white, night, sunset, sky, paper.

Comes in: the whole picture, squashed to a square, uint8 ``[n, 260, 260, 3]``. Goes out: float32 ``[n, 16]`` in 0..1, in the
order of ``PIXEL_CUES``. Plain rules on hue, saturation and value; a white studio background does not count as white.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import Float32Array, UInt8Array

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey")
PIXEL_CUES = (*COLOURS, "monochrome", "night", "sunset", "sky", "paper")
FACE_CUES = ("face", "faces")
CUES = PIXEL_CUES + FACE_CUES

_BLOCK_PX = 4
_SHARE_GAIN = 1.6  # a subject that fills 60 % of the centre counts as wholly of its colour
_CENTRE_SIGMA = 0.35
# Hue in degrees -> colour, upper bound exclusive.
_HUES = (
    (15, "red"),
    (42, "orange"),
    (70, "yellow"),
    (165, "green"),
    (255, "blue"),
    (290, "purple"),
    (345, "pink"),
    (361, "red"),
)


def pixel_cues(pictures: UInt8Array) -> Float32Array:
    """Cues of n pictures, float32 ``[n, 16]``. ``pictures``: uint8 ``[n, side, side, 3]``, side a multiple of 4."""
    return (
        np.stack([_cues_of(picture) for picture in pictures]) if len(pictures) else np.zeros((0, len(PIXEL_CUES)), np.float32)
    )


def _cues_of(picture: UInt8Array) -> Float32Array:
    side = picture.shape[0] // _BLOCK_PX
    wide = picture.astype(np.uint16)  # sums of integers: ten times as fast as means of floats, and equal to the last bit
    rgb: Float32Array = _block_means(wide[: side * _BLOCK_PX, : side * _BLOCK_PX]) / np.float32(255)
    value = rgb.max(axis=2)
    chroma = value - rgb.min(axis=2)
    hue = _hue(rgb, value, chroma)
    saturation = chroma / np.maximum(value, 1e-3)
    ink = _counted(rgb)
    shares = _colour_shares(hue, saturation, value, ink)
    light = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    rest = [
        _ramp(float((chroma * ink).sum() / max(float(ink.sum()), 1e-6)), 0.05, 0.015),
        _night(light),
        _sunset(hue, saturation, value, light),
        _sky(hue, saturation, value),
        _paper(wide, saturation, value, is_cut_out=bool((ink == 0).mean() > 0.2)),
    ]
    return np.concatenate([shares, np.array(rest, np.float32)])


def _block_means(picture: NDArray[np.uint16]) -> Float32Array:
    """Means of squares of 4 x 4 pixels, 0..255: float32 ``[side, side, 3]``."""
    side = picture.shape[0] // _BLOCK_PX
    rows = picture.reshape(side, _BLOCK_PX, -1)
    columns = (rows[:, 0] + rows[:, 1] + rows[:, 2] + rows[:, 3]).reshape(side, side, _BLOCK_PX, 3)
    sums = columns[:, :, 0] + columns[:, :, 1] + columns[:, :, 2] + columns[:, :, 3]
    means: Float32Array = sums / np.float32(_BLOCK_PX**2)
    return means


def _hue(rgb: Float32Array, value: Float32Array, chroma: Float32Array) -> Float32Array:
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    spread = np.maximum(chroma, 1e-6)
    sector = np.where(
        value == red,
        ((green - blue) / spread) % 6,
        np.where(value == green, (blue - red) / spread + 2, (red - green) / spread + 4),
    )
    return (sector * 60).astype(np.float32)


def _counted(rgb: Float32Array) -> Float32Array:
    """Weight of each block: more in the centre; none on a white background that reaches the border."""
    side = rgb.shape[0]
    axis = np.linspace(-0.5, 0.5, side, dtype=np.float32)
    weight = np.exp(-(axis[:, None] ** 2 + axis[None, :] ** 2) / (2 * _CENTRE_SIGMA**2))
    is_white = rgb.min(axis=2) > 0.96
    border = np.concatenate([is_white[0], is_white[-1], is_white[:, 0], is_white[:, -1]])
    counted: Float32Array = (weight * ~is_white if border.mean() > 0.5 else weight).astype(np.float32)
    return counted


def _colour_shares(hue: Float32Array, saturation: Float32Array, value: Float32Array, ink: Float32Array) -> Float32Array:
    names = np.full(hue.shape, COLOURS.index("red"), np.int64)
    lower = 0
    for upper, name in _HUES:
        names[(hue >= lower) & (hue < upper)] = COLOURS.index(name)
        lower = upper
    is_warm = (hue < 42) | (hue >= 345)
    names[is_warm & (saturation < 0.5) & (value > 0.75)] = COLOURS.index("pink")
    names[(hue < 50) & (value < 0.6) & (saturation < 0.85)] = COLOURS.index("brown")
    names[saturation < 0.16] = COLOURS.index("grey")
    names[(saturation < 0.16) & (value > 0.8)] = COLOURS.index("white")
    names[value < 0.2] = COLOURS.index("black")
    total = max(float(ink.sum()), 1e-6)
    shares = np.bincount(names.ravel(), weights=ink.ravel(), minlength=len(COLOURS)) / total
    return np.minimum(1, shares * _SHARE_GAIN).astype(np.float32)


def _night(light: Float32Array) -> float:
    """Dark on the whole, and darker still in the upper half, as a night sky is."""
    upper = light[: light.shape[0] // 2]
    return _ramp(float(light.mean()), 0.32, 0.15) * _ramp(float(np.median(upper)), 0.3, 0.12)


def _sunset(hue: Float32Array, saturation: Float32Array, value: Float32Array, light: Float32Array) -> float:
    """Warm, saturated light in the upper part over something darker."""
    split = hue.shape[0] * 6 // 10
    is_warm = ((hue < 52) | (hue > 320)) & (saturation > 0.3) & (value > 0.4)
    is_lit = float(light[:split].mean()) - float(light[split:].mean())
    return _ramp(float(is_warm[:split].mean()), 0.2, 0.55) * _ramp(is_lit, -0.05, 0.12)


def _sky(hue: Float32Array, saturation: Float32Array, value: Float32Array) -> float:
    """The upper third, as far as it is blue and bright, or evenly bright."""
    third = hue.shape[0] // 3
    is_blue = (hue[:third] > 180) & (hue[:third] < 255) & (value[:third] > 0.4) & (saturation[:third] > 0.12)
    return _ramp(float(is_blue.mean()), 0.3, 0.8)


def _paper(picture: NDArray[np.uint16], saturation: Float32Array, value: Float32Array, *, is_cut_out: bool) -> float:
    """Mostly pale and colourless, with fine dark strokes on it."""
    if is_cut_out:
        return 0.0
    is_pale = (saturation < 0.22) & (value > 0.6)
    grey = (picture[..., 0] + picture[..., 1] + picture[..., 2]) / np.float32(3)
    strokes: NDArray[np.float32] = np.abs(np.diff(grey, axis=1))
    return _ramp(float(is_pale.mean()), 0.5, 0.85) * _ramp(float((strokes > 30).mean()), 0.02, 0.08)


def _ramp(x: float, start: float, end: float) -> float:
    """0 at ``start``, 1 at ``end``, straight between; either may be the larger."""
    return min(1.0, max(0.0, (x - start) / (end - start)))
