"""What a bundle asks of its system: shared libraries, the Debian packages that have them, and the newest glibc symbol.

Usage: ``system_libraries.py BUNDLE``. Reads ELF files with ``readelf`` (binutils).
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

DEBIAN = {
    "libc.so.6": "libc6",
    "libm.so.6": "libc6",
    "libdl.so.2": "libc6",
    "librt.so.1": "libc6",
    "libpthread.so.0": "libc6",
    "libutil.so.1": "libc6",
    "libresolv.so.2": "libc6",
    "ld-linux-x86-64.so.2": "libc6",
    "ld-linux-aarch64.so.1": "libc6",
    "libstdc++.so.6": "libstdc++6",
    "libgcc_s.so.1": "libgcc-s1",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgio-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-util.so.1": "libxcb-util1",
    "libbrotlicommon.so.1": "libbrotli1",
    "libbrotlidec.so.1": "libbrotli1",
    "libcrypt.so.1": "libcrypt1",
    "libexpat.so.1": "libexpat1",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libzstd.so.1": "libzstd1",
    "libz.so.1": "zlib1g",
}
OPTIONAL = re.compile(
    r"libgtk-3|libharfbuzz|libgdk-3|libpango|libcairo|libatk|libgdk_pixbuf|libwayland-|libdrm|libgbm|libinput|libudev|libmtdev"
)
"""Of plugins that Qt leaves out where a desktop does not have them: GTK's dialogs, Wayland."""
_NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)")


def elf_files(bundle: Path) -> list[Path]:
    """Every ELF file in the bundle."""
    files = (path for path in bundle.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(path for path in files if path.open("rb").read(4) == b"\x7fELF")


def needs(bundle: Path) -> dict[str, list[str]]:
    """Libraries that the bundle needs and does not have -> the files that need them."""
    files = elf_files(bundle)
    here = {path.name for path in bundle.rglob("*") if ".so" in path.name}
    found: dict[str, list[str]] = defaultdict(list)
    for path in files:
        for name in _NEEDED.findall(_readelf("-d", path)):
            if name not in here:
                found[name].append(path.name)
    return dict(found)


def newest_glibc(bundle: Path) -> tuple[str, list[str]]:
    """The newest version of a glibc symbol that anything needs, as in "2.35", and the files that need it."""
    newest: dict[tuple[int, int], list[str]] = defaultdict(list)
    for path in elf_files(bundle):
        versions = {(int(major), int(minor)) for major, minor in _GLIBC.findall(_readelf("-V", path))}
        if versions:
            newest[max(versions)].append(path.name)
    top = max(newest)
    return f"{top[0]}.{top[1]}", newest[top]


def debian_packages(bundle: Path) -> list[str]:
    """The packages to depend on, sorted. Raises ``SystemExit`` where a library belongs to none that is known."""
    missing = {name: files for name, files in needs(bundle).items() if name not in DEBIAN and not OPTIONAL.search(name)}
    if missing:
        raise SystemExit(f"Nothing is known of these libraries; add them to {Path(__file__).name}: {missing}")
    glibc, _ = newest_glibc(bundle)
    names = {DEBIAN[name] for name in needs(bundle) if name in DEBIAN} - {"libc6"}
    return sorted({*names, f"libc6 (>= {glibc})"})


def _readelf(option: str, path: Path) -> str:
    return subprocess.run(["readelf", option, "-W", str(path)], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    target = Path(sys.argv[1])
    number, needing = newest_glibc(target)
    print(f"newest glibc symbol: {number} ({', '.join(needing[:4])}{' and others' if len(needing) > 4 else ''})")
    print("Debian packages:", ", ".join(debian_packages(target)))
    print("without these some plugins stay out:", ", ".join(sorted(n for n in needs(target) if OPTIONAL.search(n))) or "none")
