"""One walk through the window in one theme and size: `walker.py DIR light|dark SCALE [MOMENT]`, started by `scripts/walk`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from moments import MOMENTS, Walk
from PIL import ExifTags, Image
from PySide6.QtWidgets import QApplication

from helios_desktop.app import App, build
from helios_desktop.paths import resources_dir
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.companions import Companions
from helios_desktop.ui.desktop_files import SystemOpener
from helios_desktop.ui.main_window import MainWindow
from helios_desktop.ui.onboarding.page import OnboardingPage
from helios_desktop.ui.theme.palette import apply_theme

BURST_OF, BURST_FRAMES = "IMG_0104.jpg", 5
TRIPS = {  # where the photographs of these places were taken
    "Trips/Asia": {"IMG_0101.jpg": (39.9999, 116.2755), "IMG_0137.jpg": (18.922, 72.8347)},
    "Trips/Mexico": {"IMG_0107.jpg": (20.6736, -103.344)},
    "Trips/Peru": {"IMG_0115.jpg": (-13.1631, -72.545)},
}


def main(out: Path, theme: str, scale: str, only: str) -> int:
    """Visit the moments in their order; 0 when each left its picture."""
    photos = sample_photos(Path(os.environ["HELIOS_HOME"]) / "Pictures")
    qt = QApplication(["helios-desktop"])
    apply_theme(qt, "dark" if theme == "dark" else "light")
    ending = f"{theme}.png" if scale == "1" else f"{theme}-{scale}x.png"
    with build() as app:
        follow(app, photos)
        window = MainWindow(Bridge(app), SystemOpener(), OnboardingPage(pictures=[str(photos)], samples=str(photos)))
        window.show()
        window.begin()
        walk = Walk(window=window, app=app, companions=Companions(window, window._bridge, SystemOpener()))
        for number, (name, visit) in enumerate(MOMENTS.items(), 1):
            if only in name:
                keep(walk, visit, out / f"{number:02d}-{name}-{ending}")
        window.close()
        return 0 if window.stop() else 1


def keep(walk: Walk, visit: Callable[[Walk], None], file: Path) -> None:
    """Go to a moment and paint what is in front then."""
    walk.target = walk.window
    visit(walk)
    walk.settle()
    walk.target.grab().save(str(file))
    print(file.name, flush=True)
    walk.go_back()


def sample_photos(folder: Path) -> Path:
    """Return the sample photos in a folder of our own, as a person would have them."""
    if not folder.is_dir():
        shutil.copytree(resources_dir() / "samples", folder, ignore=shutil.ignore_patterns("*.md"))
        for place, names in TRIPS.items():
            go_there(folder, place, names)
        take_burst(folder / BURST_OF, folder / "Coffee")
    return folder


def go_there(folder: Path, place: str, names: dict[str, tuple[float, float]]) -> None:
    """Move photos into a folder of a trip, with the spot in them where a person took them."""
    (folder / place).mkdir(parents=True)
    for name, (latitude, longitude) in names.items():
        with Image.open(folder / name) as photo:
            exif = photo.getexif()
            exif.get_ifd(ExifTags.IFD.GPSInfo).update(
                {1: "N" if latitude >= 0 else "S", 2: _dms(latitude), 3: "E" if longitude >= 0 else "W", 4: _dms(longitude)}
            )
            photo.save(folder / place / name, quality=92, exif=exif)
        (folder / name).unlink()


def _dms(degrees: float) -> tuple[float, float, float]:
    whole, rest = divmod(abs(degrees) * 3600, 3600)
    minutes, seconds = divmod(rest, 60)
    return whole, minutes, round(seconds, 2)


def take_burst(photo: Path, folder: Path) -> None:
    """Write frames of one photo as a camera does that moves a little, a second apart."""
    folder.mkdir()
    with Image.open(photo) as whole:
        for number in range(1, BURST_FRAMES + 1):
            edge = 2 * number
            frame = whole.convert("RGB").crop((edge, edge // 2, whole.width - edge // 2, whole.height - edge))
            exif = Image.Exif()
            exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"2024:06:01 12:00:0{number}"
            frame.save(folder / f"DSC_{100 + number}.jpg", quality=90, exif=exif)


def follow(app: App, folder: Path) -> None:
    """Index a folder, where that was not done by an earlier walk."""
    if not app.roots():
        app.index([os.fsencode(folder)], lambda _progress: None)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4] if len(sys.argv) > 4 else ""))
