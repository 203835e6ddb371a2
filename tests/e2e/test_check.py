"""``helios --check``: everything that Helios is built on, used once, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from helios_desktop.check.library import FORMATS


@pytest.mark.parametrize("door", ["main", "desktop"])
def test_a_checkout_passes_its_check_and_leaves_nothing(door, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("HELIOS_HOME", str(tmp_path / "home"))
    code = f"import sys; from helios_desktop.__main__ import {door}; sys.exit({door}())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "--check", "--json"], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    findings = {row["check"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert all(row["ok"] for row in findings.values())
    assert {f"decode {name}" for name in FORMATS} <= set(findings)
    assert "TLSv1.3" in findings["TLS"]["detail"]
    assert "served the page" in findings["page in a browser"]["detail"]
    assert "offscreen" in findings["window"]["detail"]
    assert list(tmp_path.iterdir()) == []


def test_the_help_of_helios_tells_of_the_check():
    done = subprocess.run([sys.executable, "-P", "-m", "helios_desktop", "--help"], capture_output=True, text=True, check=True)
    assert "--check" in done.stdout
