"""What Linux packages are made of: desktop entry, metainfo, texts, and the rules that keep a bundle clean."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from helios_desktop import __version__
from helios_desktop.cli.main import COMMANDS

CHECKOUT = Path(__file__).resolve().parents[3]
PACKAGING = CHECKOUT / "packaging"
LINUX = PACKAGING / "linux"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    paths = ":".join(map(str, (PACKAGING, LINUX, CHECKOUT)))
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": paths, "SOURCE_DATE_EPOCH": "1767225600", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )


def test_packaging_shadows_no_library() -> None:
    assert not list(PACKAGING.rglob("__init__.py"))


def test_there_is_one_source_of_the_version() -> None:
    assert run(str(PACKAGING / "bundle_version.py")).stdout.strip() == __version__
    for path in (*LINUX.glob("*.xml"), *PACKAGING.rglob("*.nsi"), *PACKAGING.rglob("*.spec"), PACKAGING / "build"):
        assert __version__ not in path.read_text(encoding="utf-8").replace("-DVERSION=0.1.0 ", "").replace(
            "helios-0.1.0", ""
        ), path


def test_desktop_entry_and_metainfo_name_each_other() -> None:
    entry = (LINUX / "helios-desktop.desktop").read_text(encoding="utf-8")
    metainfo = ElementTree.parse(LINUX / "org.heliosdesktop.Helios.metainfo.xml").getroot()
    assert metainfo.findtext("launchable") == "helios-desktop.desktop"
    assert metainfo.findtext("id") == "org.heliosdesktop.Helios"
    assert re.search(r"^Icon=helios-desktop$", entry, re.MULTILINE)
    assert re.search(r"^Exec=helios-desktop %F$", entry, re.MULTILINE)
    assert 'setDesktopFileName("helios-desktop")' in (CHECKOUT / "helios_desktop/ui/startup.py").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="needs desktop-file-utils")
def test_the_desktop_entry_is_valid() -> None:
    done = subprocess.run(
        ["desktop-file-validate", str(LINUX / "helios-desktop.desktop")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="needs appstream")
def test_the_metainfo_is_valid(tmp_path: Path) -> None:
    text = (LINUX / "org.heliosdesktop.Helios.metainfo.xml").read_text(encoding="utf-8")
    file = tmp_path / "org.heliosdesktop.Helios.metainfo.xml"
    file.write_text(text.replace("@VERSION@", __version__).replace("@DATE@", "2026-01-01"), encoding="utf-8")
    done = subprocess.run(["appstreamcli", "validate", "--no-net", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_manual_and_completions_come_from_the_commands(tmp_path: Path) -> None:
    run(str(LINUX / "texts.py"), str(tmp_path))
    page = gzip.decompress((tmp_path / "usr/share/man/man1/helios.1.gz").read_bytes()).decode()
    for name in set(COMMANDS) - {"gui"}:
        assert f"\n.SS {name}" in page, name
    assert "\n.SS models download\n" in page
    assert "\\-\\-lan" in page
    window = gzip.decompress((tmp_path / "usr/share/man/man1/helios-desktop.1.gz").read_bytes()).decode()
    assert "\\-\\-quick" in window
    for place in (
        "bash-completion/completions/helios",
        "zsh/vendor-completions/_helios",
        "fish/vendor_completions.d/helios.fish",
    ):
        assert "_HELIOS_COMPLETE" in (tmp_path / "usr/share" / place).read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("man") is None, reason="needs man-db")
def test_the_manual_has_no_faults(tmp_path: Path) -> None:
    run(str(LINUX / "texts.py"), str(tmp_path))
    for name in ("helios", "helios-desktop"):
        page = tmp_path / f"usr/share/man/man1/{name}.1.gz"
        done = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, text=True, check=True)
        assert done.stderr == ""
        assert "EXIT STATUS" in done.stdout or name == "helios-desktop"


def test_icons_of_every_size_come_from_one_drawing(tmp_path: Path) -> None:
    run(str(PACKAGING / "icons.py"), str(tmp_path))
    from PIL import Image

    for side in (16, 22, 24, 32, 48, 64, 96, 128, 256, 512):
        with Image.open(tmp_path / f"{side}.png") as icon:
            assert icon.size == (side, side)
            amber = [
                colour for _, colour in icon.convert("RGBA").getcolors(1 << 20) if colour[0] > 220 and 130 < colour[1] < 215
            ]
            assert amber, f"no sun at {side} px"
            assert icon.convert("RGBA").getpixel((0, 0))[3] == 0
    with Image.open(tmp_path / "helios.ico") as icon:
        assert {(16, 16), (48, 48), (256, 256)} <= icon.info["sizes"]


def test_release_notes_come_from_the_changelog_or_there_is_no_release() -> None:
    sys.path.insert(0, str(PACKAGING))
    try:
        from release_notes import notes
    finally:
        sys.path.remove(str(PACKAGING))
    text = (
        "# Changelog\n\n## [Unreleased]\n\n- new\n\n## [1.2.0] - 2026-01-02\n\n### Added\n\n- a thing\n\n## [1.1.0]\n\n- old\n"
    )
    assert notes(text, "1.2.0") == "### Added\n\n- a thing\n"
    assert notes(text, "1.1.0") == "- old\n"
    for number in ("9.9.9", "1.2"):
        with pytest.raises(ValueError, match=re.escape(number)):
            notes(text, number)


def test_a_bundle_leaves_to_the_system_what_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PyInstaller")
    monkeypatch.syspath_prepend(str(PACKAGING))
    import bundle

    monkeypatch.setattr(bundle.sys, "platform", "linux")
    wanted = {
        ("libstdc++.so.6", "/lib/x86_64-linux-gnu/libstdc++.so.6"): False,
        ("libgcc_s.so.1", "/lib/x86_64-linux-gnu/libgcc_s.so.1"): False,
        ("libfontconfig.so.1", "/lib/x86_64-linux-gnu/libfontconfig.so.1"): False,
        ("libssl.so.3", "/lib/x86_64-linux-gnu/libssl.so.3"): True,
        ("libpython3.11.so.1.0", "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0"): True,
        ("PySide6/Qt/lib/libQt6Core.so.6", "/venv/PySide6/Qt/lib/libQt6Core.so.6"): True,
        ("PySide6/Qt/lib/libQt6Quick.so.6", "/venv/PySide6/Qt/lib/libQt6Quick.so.6"): False,
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/venv/PySide6/Qt/plugins/platforms/libqxcb.so"): True,
        ("pi_heif.libs/libde265.so", "/venv/pi_heif.libs/libde265.so"): True,
    }
    for (name, source), expected in wanted.items():
        assert bundle.is_wanted(name, source) is expected, name


def test_everything_below_resources_ships() -> None:
    """The rule in bundle.py, kept where PyInstaller is not installed: no list of names that somebody forgets to extend."""
    text = (PACKAGING / "bundle.py").read_text(encoding="utf-8")
    assert 'sorted((CHECKOUT / "resources").rglob("*"))' in text
