"""What may ship: licences of every part, and none that would bind the whole application."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture
def inventory(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("cyclonedx")
    monkeypatch.syspath_prepend(str(CHECKOUT / "packaging"))
    import inventory

    yield inventory
    for name in ("inventory", "bundle_version"):
        sys.modules.pop(name, None)


def part(inventory, licence: str, *texts: Path):
    return inventory.Part(kind="pypi", name="thing", version="1", licence=licence, texts=texts)


@pytest.mark.parametrize(
    ("licence", "may_ship"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", True),
        ("GNU Lesser General Public License v3 (LGPLv3)", True),
        ("GPL-2.0 with a special exception", True),
        ("GPL-3.0-or-later", False),
        ("GNU General Public License v2 (GPLv2)", False),
        ("AGPL-3.0", False),
    ],
)
def test_a_licence_that_binds_the_whole_is_found(inventory, licence: str, may_ship: bool) -> None:
    text = CHECKOUT / "LICENSE"
    assert (list(inventory.faults_of([part(inventory, licence, text)])) == []) is may_ship


def test_a_part_without_a_text_is_found(inventory) -> None:
    assert "no licence text" in next(iter(inventory.faults_of([part(inventory, "MIT")])))


def test_an_encoder_under_the_gpl_may_not_ship(inventory, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = tmp_path / "sources.json"
    (tmp_path / "bundle/_internal/helios_desktop/_resources").mkdir(parents=True)
    import click

    for libraries, code in (([], 0), ([["pillow_heif.libs/libx265-4883ecb5.so.217", "/nowhere/libx265.so"]], 1)):
        sources.write_text(json.dumps([["click.core", click.core.__file__], *libraries]), encoding="utf-8")
        assert inventory.main(tmp_path / "bundle", sources) == code
    assert "libx265-4883ecb5.so.217 may not ship" in capsys.readouterr().err
    resources = tmp_path / "bundle/_internal/helios_desktop/_resources"
    assert list((resources / "licences").glob("click-*/LICENSE*"))
    bill = json.loads((resources / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert {"click", "python", "pyinstaller"} <= {component["name"] for component in bill["components"]}
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None
