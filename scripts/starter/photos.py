"""Ordinary photographs from packages, for int8 ranges and the mean picture: fetched, unpacked, shown as the two views.

From Debian: gcompris-qt-data (photographs inside Qt resource files), tuxpaint-stamps-default, opencv-doc. From Python packages:
scikit-image, scikit-learn. They are used to measure, and no part of the pack.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import skimage
import sklearn
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QDirIterator, QFile, QIODevice, QResource

DEBIAN_PACKAGES = ("gcompris-qt-data", "tuxpaint-stamps-default", "opencv-doc", "wordnet-base")
SIDE_PX = 260
CENTRE_CROP = 0.65
SMALLEST_PX = 90
_ACTIVITIES = (
    "lang", "categorization", "explore_monuments", "explore_world_animals", "explore_farm_animals",
    "explore_world_music", "clickgame", "erase", "solar_system", "chronos",
)  # fmt: skip
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")
_NO_PHOTOS = ("cartoon", "/symbols/", "/flags", "roadsigns", "Logo", "chessboard")


def unpack_debian(cache: Path) -> Path:
    """Fetch the Debian packages into ``cache`` and unpack them there, as any user; returns the root of their files."""
    root = cache / "debian"
    for package in DEBIAN_PACKAGES:
        done = root / f".{package}"
        if done.exists():
            continue
        root.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", package], cwd=root, check=True, stdout=subprocess.DEVNULL)
        (archive,) = root.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "--extract", str(archive), str(root)], check=True)
        archive.unlink()
        done.touch()
    return root


def photographs(root: Path, cache: Path) -> list[Path]:
    """All pictures to measure on, sorted; ``root`` as returned by ``unpack_debian``."""
    gcompris = cache / "gcompris"
    if not gcompris.exists():
        _unpack_resources(root / "usr/share/gcompris-qt/rcc", gcompris)
    data = Path(skimage.__file__).parent / "data"
    images = Path(sklearn.__file__).parent / "datasets" / "images"
    places = (gcompris, root / "usr/share/tuxpaint/stamps", root / "usr/share/doc/opencv-doc/examples/data", data, images)
    found = [path for place in places for path in sorted(place.rglob("*")) if path.suffix.lower() in _PICTURES]
    return [path for path in found if not any(part in str(path) for part in _NO_PHOTOS)]


def views(path: Path) -> NDArray[np.uint8] | None:
    """The squashed whole and the centre, uint8 ``[2, 260, 260, 3]``; None for what is too small or no picture."""
    try:
        with Image.open(path) as opened:
            opened.load()
            if min(opened.size) < SMALLEST_PX:
                return None
            picture = _on_white(opened)
    except (OSError, ValueError):
        return None
    width, height = picture.size
    side = round(CENTRE_CROP * min(width, height))
    left, top = (width - side) // 2, (height - side) // 2
    centre = picture.crop((left, top, left + side, top + side))
    shown = [part.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC) for part in (picture, centre)]
    return np.stack([np.asarray(part) for part in shown])


def calibration(paths: list[Path], count: int, seed: int = 0) -> Iterator[NDArray[np.uint8]]:
    """Yield ``count`` views of randomly drawn pictures, whole and centre by turns."""
    order = np.random.default_rng(seed).permutation(len(paths))
    yielded = 0
    for index in order:
        shown = views(paths[index])
        if shown is not None:
            yield shown[yielded % 2]
            yielded += 1
        if yielded == count:
            return


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA", "P"):
        layered = picture.convert("RGBA")
        white = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        white.alpha_composite(layered)
        return white.convert("RGB")
    return picture.convert("RGB")


def _unpack_resources(folder: Path, target: Path) -> None:
    for resource in sorted(folder.glob("*.rcc")):
        QResource.registerResource(str(resource))
    entries = QDirIterator(":/gcompris", QDirIterator.IteratorFlag.Subdirectories)
    while entries.hasNext():
        name = entries.next()
        if name.lower().endswith(_PICTURES) and any(f"/activities/{activity}/" in name for activity in _ACTIVITIES):
            file = QFile(name)
            file.open(QIODevice.OpenModeFlag.ReadOnly)
            path = target / name.removeprefix(":/gcompris/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.readAll().data())
            file.close()
