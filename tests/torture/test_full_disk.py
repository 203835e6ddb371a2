"""A disk that fills up while a library is indexed: work pauses, says so, goes on by itself, and nothing is broken (P13)."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PHOTOS = 120
DISK_MIB, BALLAST_MIB = 24, 17
PATIENCE_SECONDS = 200

pytestmark = [pytest.mark.full, pytest.mark.skipif(sys.platform != "linux", reason="mount namespaces")]

# In a mount namespace of its own, so that any user may try. The lines it prints are what the test looks at.
SCRIPT = """
mount -t tmpfs -o size="$DISK"m tmpfs "$DISK_FOLDER" || exit 77
export HELIOS_HOME="$DISK_FOLDER/home"
"$@" status >/dev/null
dd if=/dev/zero of="$DISK_FOLDER/ballast" bs=1M count="$BALLAST" 2>/dev/null
"$@" index "$PHOTOS" --json >"$OUT/lines" 2>"$OUT/errors" &
index=$!
while [ ! -e "$OUT/go on" ] && kill -0 $index 2>/dev/null; do sleep 0.2; done
"$@" status --json
rm "$DISK_FOLDER/ballast"
wait $index; echo "$?"
"$@" catalog check --json
"$@" status --json
"""


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    noise = np.random.default_rng(3)
    for number in range(PHOTOS):
        path = folder / f"{number:03}.jpg"
        pixels = noise.integers(0, 255, (48, 64, 3), np.uint8)
        Image.fromarray(pixels).resize((800, 600), Image.Resampling.NEAREST).save(path, quality=88)
        os.utime(path, (1_600_000_000 + number,) * 2)
    return folder


def test_work_pauses_on_a_full_disk_and_goes_on_by_itself(tmp_path, photos):
    (tmp_path / "disk").mkdir()
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "DISK_FOLDER": str(tmp_path / "disk"),
        "DISK": str(DISK_MIB),
        "BALLAST": str(BALLAST_MIB),
        "PHOTOS": str(photos),
        "OUT": str(tmp_path),
    }
    helios = [sys.executable, "-P", "-m", "helios_desktop"]
    process = subprocess.Popen(
        ["unshare", "-r", "-m", "sh", "-c", SCRIPT, "sh", *helios],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and '"waiting"' not in _text(tmp_path / "lines") and time.monotonic() < deadline:
        time.sleep(0.1)
    (tmp_path / "go on").touch()
    out, errors = process.communicate(timeout=PATIENCE_SECONDS)
    if process.returncode == 77 or "unshare" in errors:
        pytest.skip("no right to mount, even in a namespace of one's own")
    during, code, check, after = out.splitlines()
    assert 0 < json.loads(during)["photos"]["indexed"] < PHOTOS
    assert code == "0"
    assert json.loads(check) == {"ok": True, "faults": []}
    assert json.loads(after)["photos"]["indexed"] == PHOTOS
    assert json.loads(_text(tmp_path / "lines").splitlines()[-1])["embedded"] == PHOTOS
    assert _text(tmp_path / "errors").count("no room") == 1  # one message


def _text(path):
    return path.read_text(encoding="utf-8") if path.exists() else ""
