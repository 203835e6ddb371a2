"""What a broken installation looks like to the check."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from helios_desktop.check import libraries, library, run
from helios_desktop.check.steps import Step, expect, take
from helios_desktop.cli.commands.check import check_command
from helios_desktop.errors import KnownError
from helios_desktop.paths import resources_dir


def test_a_step_that_fails_is_a_finding_and_stops_no_other(tmp_path: Path) -> None:
    def missing(_folder: Path) -> str:
        raise ImportError("no module named codec")

    findings = list(
        take(
            [
                Step("lost", missing),
                Step("known", lambda _folder: expect(False, "It is broken.") or ""),
                Step("good", lambda folder: str(folder.is_dir())),
            ],
            tmp_path,
        )
    )
    assert [finding.is_ok for finding in findings] == [False, False, True]
    assert "ImportError: no module named codec" in findings[0].detail
    assert findings[1].detail == "It is broken."
    assert all(finding.remedy for finding in findings[:2])
    assert findings[2].detail == "True"


def test_the_exit_code_says_whether_all_of_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "formats", lambda _folder, is_complete: [])
    for module, name in ((library, "search"), (library, "catalogue"), *((libraries, name) for name in STEPS)):
        monkeypatch.setattr(module, name, lambda _folder: "fine")

    def blank() -> str:
        raise KnownError("A painted widget stayed blank.", "Install fonts.")

    for paint, code in ((lambda: "painted", 0), (blank, 3)):
        result = CliRunner().invoke(check_command(paint, lambda _folder: "served"), [], standalone_mode=False)
        assert result.return_value == code
        assert ("FAIL  window: A painted widget stayed blank." in result.output) is (code == 3)


STEPS = (
    *("first_pass", "watching", "locks", "keyrings", "tls", "engines", "hub", "words", "quantiser", "torch"),
    "settings",
)


def test_there_is_a_sample_of_every_format_and_of_no_other() -> None:
    samples = {file.name for file in (resources_dir() / "check").iterdir()}
    assert samples == {f"photo.{extension}" for extension in library.FORMATS.values()}


def test_a_packaged_application_must_have_every_decoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(library, "FORMATS", {"JPEG": "jpg", "JPEG XL": "jxl"})
    monkeypatch.setattr(library, "EXTRAS", {"JPEG XL": ("jxl", lambda: False)})
    monkeypatch.setattr(library, "resources_dir", lambda: tmp_path / "resources")
    (tmp_path / "resources" / "check").mkdir(parents=True)
    (tmp_path / "resources" / "check" / "photo.jpg").write_bytes((resources_dir() / "check" / "photo.jpg").read_bytes())
    for is_complete in (True, False):
        own = tmp_path / str(is_complete)
        own.mkdir()
        jpeg, jxl = library.formats(own, is_complete=is_complete)
        assert jpeg.is_ok, jpeg
        assert jxl.is_ok is not is_complete, jxl


def test_a_trust_store_without_authorities_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(libraries, "authorities", lambda: 0)
    (finding,) = take([Step("TLS", libraries.tls)], tmp_path)
    assert not finding.is_ok
    assert "No authorities" in finding.detail


def test_the_table_has_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "formats", lambda _folder, is_complete: [])
    names = [finding.check for finding in run.check_installation(lambda: "painted", lambda _folder: "served")]
    assert names[0] == "system"
    assert names[-1] == "window"
    assert len(names) == len(STEPS) + 5
