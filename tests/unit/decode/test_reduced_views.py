"""A photograph decoded at a part of its size gives a model what it would have got from the whole: some 50 dB apart."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helios_desktop.decode.loader import load
from helios_desktop.decode.views import make_view, reduction
from helios_desktop.domain import View

SAMPLES = sorted((Path(__file__).resolve().parents[3] / "resources" / "samples").glob("*.jpg"))
TILE, ACROSS, DOWN = (1000, 576), 4, 5
VIEWS = [
    (View(width=224, height=224, fit="shortest"), 50.0),
    (View(width=256, height=256, fit="squash"), 50.0),
    (View(width=224, height=224, fit="shortest", interpolation="bilinear"), 50.0),
    (View(width=378, height=378, fit="squash"), 50.0),
]


@pytest.fixture(scope="module", params=range(3))
def photo(request, tmp_path_factory):
    """12 Mpx of photographs at their own scale, grain and edges as cameras made them, side by side."""
    sheet = Image.new("RGB", (TILE[0] * ACROSS, TILE[1] * DOWN))
    for number in range(ACROSS * DOWN):
        with Image.open(SAMPLES[(number * (request.param + 1) + request.param) % len(SAMPLES)]) as image:
            tile = image.convert("RGB").crop((0, 0, *TILE))
        sheet.paste(tile, (number % ACROSS * TILE[0], number // ACROSS * TILE[1]))
    path = tmp_path_factory.mktemp("photo") / "photo.jpg"
    sheet.save(path, "JPEG", quality=92)
    return path


def decibel(one, other):
    error = np.mean((one.astype(np.float64) - other) ** 2)
    return 10 * np.log10(255**2 / error)


@pytest.mark.parametrize(("view", "least"), VIEWS, ids=[f"{v.width} {v.fit} {v.interpolation}" for v, _ in VIEWS])
def test_a_model_is_shown_what_the_whole_photo_would_show(photo, view, least):
    with Image.open(photo) as image:
        assert reduction(*image.size, [view], 512) >= 2  # else there is nothing to compare
        whole = make_view(image.convert("RGB"), view)
    seen = load(os.fsencode(photo), views=[view], thumbnail_px=512).views[0]
    found = decibel(seen, whole)
    print(f"{found:.1f} dB")
    assert found >= least
