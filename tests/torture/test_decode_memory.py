"""What one file may take of the memory, in a worker of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from torture import crafted

from helios_desktop.decode.large_webp import _libwebp

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")

MEASURE = """
import os, re, sys
from pathlib import Path
from helios_desktop.decode.loader import load
from helios_desktop.domain import View
decoded = load(os.fsencode(sys.argv[1]), views=[View(width=224, height=224)])
print(decoded.width, re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def peak_megabytes(path: Path, width: int) -> float:
    """The peak of a process that decodes ``path`` (its width is checked) and nothing else."""
    ended = subprocess.run([sys.executable, "-c", MEASURE, os.fspath(path)], capture_output=True, check=True, timeout=250)
    found, kilobytes = ended.stdout.split()
    assert int(found) == width
    return int(kilobytes) / 1024


def striped(mode: str, width: int, height: int) -> Image.Image:
    """A large picture that is cheap to make and not of one colour."""
    image = Image.new(mode, (width, height))
    inks = {"L": (200, 90), "RGB": ((200, 30, 40), (20, 90, 230)), "RGBA": ((200, 30, 40, 9), (20, 90, 230, 255))}[mode]
    for top in range(0, height, 500):
        image.paste(inks[top // 500 % 2], (0, top, width, min(height, top + 400)))
    return image


def test_a_48_megapixel_jpeg_takes_little(tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    striped("RGB", 8000, 6000).save(path, quality=80)
    assert peak_megabytes(path, 8000) < 128


def test_a_30_megapixel_png_takes_its_pixels_once(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    striped("RGBA", 6000, 5000).save(path, compress_level=1)
    assert peak_megabytes(path, 6000) < 128 + 6000 * 5000 * 4 / 2**20 * 1.25


@pytest.mark.skipif(_libwebp() is None, reason="Pillow was linked with libwebp statically")
@pytest.mark.parametrize("options", [{"quality": 50, "method": 0}, {"lossless": True, "quality": 0, "method": 0}])
def test_a_large_webp_is_never_held_more_than_once(options: dict, tmp_path: Path) -> None:
    path = tmp_path / "x.webp"
    striped("RGBA", 6000, 5000).save(path, **options)
    assert peak_megabytes(path, 6000) < 128 + 6000 * 5000 * 4 / 2**20


@pytest.mark.full
@pytest.mark.parametrize(
    ("size", "is_progressive", "most"), [((16000, 12500), False, 256), ((12000, 8333), True, 512), ((25000, 20000), False, 256)]
)
def test_the_largest_jpegs_stay_below_their_bounds(
    size: tuple[int, int], is_progressive: bool, most: float, tmp_path: Path
) -> None:
    path = tmp_path / "x.jpg"
    striped("RGB", *size).save(path, quality=75, progressive=is_progressive)
    assert peak_megabytes(path, size[0]) <= most


@pytest.mark.full
@pytest.mark.parametrize(
    "kind",
    [
        *("RGB.png", "RGBA.png", "RGB.tif", "RGB.bmp", "grey16.png", "float.tif", "L.gif"),
        *("RGB.webp", "RGBA.webp", "RGB.avif"),
    ],
)
def test_everything_else_stays_below_its_bound_at_the_limit(kind: str, tmp_path: Path) -> None:
    path = tmp_path / kind
    width, height = 12000, 10600
    if kind == "grey16.png":
        path.write_bytes(crafted.png(width, height, depth=16, colour=0, row=b"\x40\x00" * width))
    elif kind == "float.tif":
        Image.new("F", (width, height), 0.5).save(path, compression="tiff_lzw")
    else:
        options = {"png": {"compress_level": 1}, "webp": {"method": 0}, "avif": {"speed": 10}}.get(kind.rpartition(".")[2], {})
        striped(kind.split(".", maxsplit=1)[0], width, height).save(path, **options)
    assert peak_megabytes(path, width) <= 1200


@pytest.mark.full
def test_a_jpeg_2000_without_smaller_sizes_is_decoded_as_far_as_its_tile_fits(tmp_path: Path) -> None:
    path = tmp_path / "x.jp2"
    striped("RGB", 7700, 7700).save(path, num_resolutions=1)
    assert peak_megabytes(path, 7700) <= 1200
    striped("RGB", 8400, 8000).save(path, num_resolutions=1)
    with pytest.raises(subprocess.CalledProcessError) as error:
        peak_megabytes(path, 8400)
    assert b"too-large" in error.value.stderr
