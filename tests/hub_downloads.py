"""Downloads for the tests: a hub on this computer, the files of one export, and a folder to fetch them into."""

import importlib.util
from pathlib import Path

import pytest
from clip_layout import write_export

from helios_desktop.embed.downloads import DownloadCancelledError, DownloadControl, download_export
from helios_desktop.embed.hub import Hub
from helios_desktop.errors import ModelError

_spec = importlib.util.spec_from_file_location("hub_server", Path(__file__).parent / "unit" / "embed" / "hub_server.py")
hub_server = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hub_server)
REPOSITORY, sha256 = hub_server.REPOSITORY, hub_server.sha256
BIG = "visual/model.onnx_data"
BIG_BYTES = 300_000
PATIENCE_SECONDS = 20


@pytest.fixture(scope="session")
def export_files(tmp_path_factory):
    files = hub_server.files_of(write_export(tmp_path_factory.mktemp("export")))
    return {**files, BIG: bytes(range(256)) * (BIG_BYTES // 256)}


@pytest.fixture
def server(export_files, monkeypatch):
    from huggingface_hub import close_session, constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)  # its library reads the variable once, when it is imported
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = hub_server.HubServer(export_files)
    yield server
    server.close()
    close_session()


@pytest.fixture
def fetch(server, tmp_path):
    """Download into one folder, as often as a test calls it."""

    def fetch(**options):
        hub = Hub(options.pop("endpoint", server.url), silence_seconds=options.pop("silence_seconds", 5))
        options.setdefault("retry_seconds", 0.01)
        return download_export(hub, options.pop("repository", REPOSITORY), tmp_path / "model", **options)

    fetch.folder = tmp_path / "model"
    return fetch


def refused(fetch, **options):
    """The sentences that a person reads."""
    with pytest.raises(ModelError) as caught:
        fetch(**options)
    assert caught.value.remedy
    return f"{caught.value.message} {caught.value.remedy}"


def fetch_small(fetch):
    """Have everything but the big file already, so that faults hit that one."""
    control = DownloadControl()

    def listen(progress):
        if progress.file == BIG:
            control.cancel()

    with pytest.raises(DownloadCancelledError):
        fetch(control=control, listener=listen)
