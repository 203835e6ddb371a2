"""Where Helios keeps its files."""

import os
import stat
from pathlib import Path

import pytest

from helios_desktop.paths import AppPaths, resources_dir


def test_helios_home_puts_everything_under_one_folder(tmp_path):
    paths = AppPaths.from_environment({"HELIOS_HOME": str(tmp_path / "home")})
    for folder in (paths.config, paths.data, paths.cache, paths.log):
        assert folder.parent == tmp_path / "home"


def test_without_it_the_folders_are_the_systems_own():
    paths = AppPaths.from_environment({"HELIOS_HOME": ""})
    assert all(isinstance(folder, Path) and folder.is_absolute() for folder in (paths.config, paths.data, paths.cache))


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_our_folders_are_for_this_user_alone(tmp_path):
    paths = AppPaths.from_environment({"HELIOS_HOME": str(tmp_path / "home")})
    paths.create()
    for folder in (paths.config, paths.data, paths.cache, paths.log, tmp_path / "home"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_a_folder_that_the_user_made_keeps_its_mode(tmp_path):
    (tmp_path / "home").mkdir(mode=0o755)
    AppPaths.from_environment({"HELIOS_HOME": str(tmp_path / "home")}).create()
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o755


def test_the_resources_lie_where_the_function_says():
    assert (resources_dir() / "samples").is_dir()
