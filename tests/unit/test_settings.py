"""The settings file: defaults, round trip, damage."""

import os
import stat

import pytest

from helios_desktop.errors import SettingsError
from helios_desktop.settings import Settings, load_settings, save_settings


def test_a_missing_file_means_defaults(tmp_path):
    loaded = load_settings(tmp_path / "settings.toml")
    assert loaded.settings == Settings()
    assert loaded.notice == ""


def test_what_is_saved_is_loaded_again(tmp_path):
    wanted = Settings(model="clip", workers=3, ignore=("*.bak", "proofs"))
    save_settings(tmp_path / "config" / "settings.toml", wanted)
    assert load_settings(tmp_path / "config" / "settings.toml").settings == wanted


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_the_file_is_for_this_user_alone(tmp_path):
    file = tmp_path / "settings.toml"
    save_settings(file, Settings())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"model = ",
        b"\xff\xfe",
        b"workers = 'many'",
        b"workers = true",
        b"workers = -4",
        b"ignore = 'x'",
        b"engine = 'bogus'",
    ],
)
def test_a_damaged_file_is_kept_aside_and_defaults_are_used(tmp_path, content):
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    loaded = load_settings(file)
    assert loaded.settings == Settings()
    kept = list(tmp_path.glob("settings.damaged-*.toml"))
    assert [path.read_bytes() for path in kept] == [content]
    assert kept[0].name in loaded.notice


def test_keys_of_another_version_do_no_harm(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('model = "clip"\nfrom_the_future = 1\n', encoding="utf-8")
    assert load_settings(file).settings == Settings(model="clip")


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "config").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(SettingsError, match="could not be saved"):
        save_settings(tmp_path / "config" / "settings.toml", Settings())
