"""Cues: each colour and each kind of light is seen where it is, and not where it is not."""

from __future__ import annotations

import numpy as np
import pytest

from helios_desktop.domain import UInt8Array
from helios_desktop.embed.starter_cues import PIXEL_CUES, pixel_cues

SIDE = 260
PURE = {
    "red": (200, 20, 20), "orange": (240, 140, 20), "yellow": (240, 230, 30), "green": (30, 160, 40), "blue": (30, 60, 200),
    "purple": (130, 40, 200), "pink": (250, 120, 190), "brown": (110, 70, 35), "black": (10, 10, 10), "white": (250, 250, 250),
    "grey": (128, 128, 128),
}  # fmt: skip


def filled(colour: tuple[int, int, int]) -> UInt8Array:
    return np.full((SIDE, SIDE, 3), colour, np.uint8)


def cue(picture: UInt8Array, name: str) -> float:
    return float(pixel_cues(picture[None])[0, PIXEL_CUES.index(name)])


@pytest.mark.parametrize("name", [name for name in PURE if name != "white"])
def test_a_picture_of_one_colour_says_that_colour(name: str) -> None:
    shares = pixel_cues(filled(PURE[name])[None])[0, :11]
    assert PIXEL_CUES[int(shares.argmax())] == name
    assert shares.max() == 1


def test_white_around_an_object_does_not_count_as_white() -> None:
    picture = filled((255, 255, 255))
    picture[80:180, 80:180] = PURE["red"]
    assert cue(picture, "red") == 1
    assert cue(picture, "white") < 0.1


def test_a_snow_field_below_a_sky_is_white() -> None:
    picture = filled((235, 240, 245))
    picture[:60] = PURE["blue"]
    assert cue(picture, "white") > 0.5


def test_a_grey_gradient_is_monochrome_and_a_coloured_one_is_not() -> None:
    ramp = np.linspace(20, 230, SIDE).astype(np.uint8)
    grey = np.repeat(np.tile(ramp, (SIDE, 1))[..., None], 3, axis=2)
    coloured = grey.copy()
    coloured[..., 2] //= 3
    assert cue(grey, "monochrome") == 1
    assert cue(coloured, "monochrome") == 0


def test_a_dark_picture_with_lights_is_night() -> None:
    picture = filled((12, 12, 25))
    picture[200:210, ::20] = (255, 220, 150)
    assert cue(picture, "night") > 0.9
    assert cue(filled((140, 150, 160)), "night") == 0


def test_warm_light_over_dark_ground_is_sunset() -> None:
    picture = filled((20, 15, 20))
    picture[:150] = (250, 130, 40)
    assert cue(picture, "sunset") == 1
    assert cue(picture[::-1].copy(), "sunset") == 0


def test_blue_above_is_sky() -> None:
    picture = filled((60, 120, 50))
    picture[:120] = (110, 160, 230)
    assert cue(picture, "sky") == 1
    assert cue(picture[::-1].copy(), "sky") == 0


def test_dark_strokes_on_pale_ground_are_paper() -> None:
    picture = filled((235, 230, 215))
    for row in range(20, 240, 20):
        picture[row : row + 8, 20:240:6] = (30, 30, 30)
    assert cue(picture, "paper") > 0.5
    assert cue(filled((235, 230, 215)), "paper") == 0


def test_cues_stay_between_nothing_and_all_on_noise() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (4, SIDE, SIDE, 3), np.uint8)
    cues = pixel_cues(noise)
    assert cues.shape == (4, len(PIXEL_CUES))
    assert cues.dtype == np.float32
    assert cues.min() >= 0
    assert cues.max() <= 1
    assert pixel_cues(noise[:0]).shape == (0, len(PIXEL_CUES))
