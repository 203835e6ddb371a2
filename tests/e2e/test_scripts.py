"""``scripts/run`` in a checkout of its own, with stand-ins for Python and the installer."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PYTHON = '#!/bin/sh\necho "$PWD"\nprintf "%s\\n" "$@"\nexit 7\n'
INSTALL = """#!/bin/bash
cd "$(dirname "$0")/.."
echo "$@" >>installs
mkdir -p .venv/bin
cp python-stand-in .venv/bin/python
for extra in base "$@"; do pwd >".venv/.installed-$extra"; done
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the shell's twin")


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "my photos (copy)"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(CHECKOUT / "scripts" / "run", folder / "scripts" / "run")
    (folder / "pyproject.toml").write_text("")
    os.utime(folder / "pyproject.toml", (1, 1))
    for name, text in (("python-stand-in", PYTHON), ("scripts/install", INSTALL)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def run(script, *arguments, cwd):
    done = subprocess.run([str(script), *arguments], cwd=cwd, capture_output=True, text=True, timeout=30, check=False)
    assert done.stderr == ""
    place, *told = done.stdout.splitlines()
    assert done.returncode == 7
    assert place == str(cwd)
    assert told[:3] == ["-P", "-m", "helios_desktop"]
    return told[3:]


def installs(checkout):
    return (checkout / "installs").read_text().splitlines()


def test_it_installs_once_and_keeps_folder_arguments_and_exit_code(checkout, tmp_path):
    for _ in range(2):
        assert run(checkout / "scripts" / "run", "list", "--in", "a b", "", cwd=tmp_path) == ["list", "--in", "a b", ""]
    assert installs(checkout) == [""]


def test_a_new_pyproject_installs_again(checkout, tmp_path):
    run(checkout / "scripts" / "run", "status", cwd=tmp_path)
    os.utime(checkout / "pyproject.toml")
    os.utime(checkout / ".venv" / ".installed-base", (5, 5))
    run(checkout / "scripts" / "run", "status", cwd=tmp_path)
    assert installs(checkout) == ["", ""]


def test_alone_it_opens_the_window_with_what_that_needs(checkout, tmp_path):
    assert run(checkout / "scripts" / "run", cwd=tmp_path) == ["gui", "--samples"]
    assert run(checkout / "scripts" / "run", "--with-torch", "status", cwd=tmp_path) == ["status"]
    assert installs(checkout) == ["window", "torch"]


def test_it_may_be_called_through_links(checkout, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "absolute").symlink_to(checkout / "scripts" / "run")
    (tools / "helios").symlink_to(Path("absolute"))
    (tools / "relative").symlink_to(os.path.relpath(checkout / "scripts" / "run", tools))
    for link in ("absolute", "helios", "relative"):
        assert run(tools / link, "status", cwd=tmp_path) == ["status"]


def test_a_moved_checkout_is_installed_again(checkout, tmp_path):
    run(checkout / "scripts" / "run", "status", cwd=tmp_path)
    moved = checkout.rename(tmp_path / "moved")
    for _ in range(2):
        run(moved / "scripts" / "run", "status", cwd=tmp_path)
    assert installs(moved) == ["", ""]


@pytest.mark.parametrize("name", ["run", "test", "install"])
def test_the_powershell_twins_keep_to_what_windows_powershell_reads(name):
    """Without a byte order mark it reads scripts in the system's code page, and it refuses to load one that sends 1 to 2."""
    script = (CHECKOUT / "scripts" / f"{name}.ps1").read_bytes()
    assert script.isascii()
    assert b"1>&2" not in script
    assert script.rstrip().endswith((b"exit 0", b"exit $LASTEXITCODE"))  # else an older exit code is the script's own
