"""Passwords live in the environment or the keyring, and a system without a keyring says so."""

import keyring
import keyring.backends.fail
import pytest
from memory_keyring import MemoryKeyring

from helios_desktop.errors import SettingsError
from helios_desktop.passwords import PASSWORD_VARIABLE, engine_password, forget_password, keep_password


@pytest.fixture
def memory(monkeypatch):
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_a_password_is_kept_for_its_user_and_address(memory):
    keep_password("me", "https://a", "secret")
    assert engine_password("me", "https://a") == "secret"
    assert engine_password("me", "https://b") == ""
    assert engine_password("", "https://a") == ""
    forget_password("me", "https://a")
    forget_password("me", "https://a")
    assert engine_password("me", "https://a") == ""


def test_the_environment_goes_first(memory, monkeypatch):
    keep_password("me", "https://a", "kept")
    monkeypatch.setenv(PASSWORD_VARIABLE, "given")
    assert engine_password("me", "https://a") == "given"


def test_without_a_keyring_reading_finds_nothing_and_keeping_says_what_to_do(memory):
    keyring.set_keyring(keyring.backends.fail.Keyring())
    assert engine_password("me", "https://a") == ""
    with pytest.raises(SettingsError) as caught:
        keep_password("me", "https://a", "canary")
    assert PASSWORD_VARIABLE in caught.value.remedy
    assert "canary" not in str(caught.value)
