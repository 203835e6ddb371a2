"""Passwords and keys of search engines: from the environment, or the system's keyring; in no file of ours."""

from __future__ import annotations

import contextlib
import os

from helios_desktop.errors import SettingsError

PASSWORD_VARIABLE = "HELIOS_ENGINE_PASSWORD"  # noqa: S105 the name of a variable
SERVICE = "helios-desktop"
KEY_ACCOUNT = "API key"


def engine_password(user: str, url: str) -> str:
    """Return the password of a user at an engine; empty where there is none, or no keyring on this system."""
    given = os.environ.get(PASSWORD_VARIABLE, "")
    if given or not user:
        return given
    import keyring
    import keyring.errors

    with contextlib.suppress(keyring.errors.KeyringError):
        return keyring.get_password(SERVICE, _account(user, url)) or ""
    return ""


def kept_key(url: str) -> str:
    """Return the API key that the keyring holds for an engine; empty where there is none, or no keyring on this system."""
    import keyring
    import keyring.errors

    with contextlib.suppress(keyring.errors.KeyringError):
        return keyring.get_password(SERVICE, _account(KEY_ACCOUNT, url)) or ""
    return ""


def keep_key(url: str, api_key: str) -> None:
    """Put an API key into the keyring. Raises ``SettingsError`` where this system has none, or it is locked."""
    keep_password(KEY_ACCOUNT, url, api_key)


def forget_key(url: str) -> None:
    """Take an API key out of the keyring; none there is fine."""
    forget_password(KEY_ACCOUNT, url)


def keep_password(user: str, url: str, password: str) -> None:
    """Put a password into the keyring. Raises ``SettingsError`` where this system has none, or it is locked."""
    import keyring
    import keyring.errors

    try:
        keyring.set_password(SERVICE, _account(user, url), password)
    except keyring.errors.KeyringError as error:
        raise SettingsError(
            "The password could not be put into this system's keyring.",
            f"Set the environment variable {PASSWORD_VARIABLE} where Helios runs, and say it again.",
        ) from error


def forget_password(user: str, url: str) -> None:
    """Take a password out of the keyring; none there is fine."""
    import keyring
    import keyring.errors

    with contextlib.suppress(keyring.errors.KeyringError):
        keyring.delete_password(SERVICE, _account(user, url))


def _account(user: str, url: str) -> str:
    return f"{user} at {url}"
