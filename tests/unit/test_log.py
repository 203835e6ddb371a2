"""What reaches the log, and what must not."""

import logging
import os
import stat

import pytest

from helios_desktop.log import end_logging, redact, start_logging


@pytest.mark.parametrize(
    "text",
    [
        "GET https://user:canary@host:9200/_search",
        "password=canary",
        "password: 'canary'",
        '{"api_key": "canary"}',
        "Authorization: Basic canary",
        "token=canary; next",
    ],
)
def test_credentials_are_taken_out(text):
    assert "canary" not in redact(text)


def test_plain_words_stay_as_they_are():
    text = "indexed 12 photos from C:\\Users\\me: ok, see https://example.org/path?a=b"
    assert redact(text) == text


def test_a_traceback_is_redacted_and_the_file_is_private(tmp_path):
    handler = start_logging(tmp_path)
    logger = logging.getLogger("helios_desktop.test")
    try:
        try:
            raise ValueError("https://admin:canary@localhost")
        except ValueError:
            logger.exception("the engine refused")
    finally:
        logging.getLogger("helios_desktop").removeHandler(handler)
        handler.close()
    text = (tmp_path / "helios.log").read_text(encoding="utf-8")
    assert "the engine refused" in text
    assert "canary" not in text
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "helios.log").stat().st_mode) == 0o600


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that is always full")
def test_a_log_without_room_disturbs_nobody(tmp_path, capsys):
    (tmp_path / "helios.log").symlink_to("/dev/full")
    handler = start_logging(tmp_path)
    logging.getLogger("helios_desktop.test").warning("nobody will read this")
    end_logging(handler)
    assert capsys.readouterr().err == ""
