"""The list of models that a person chooses from, and what happens to downloads that are stopped or thrown away."""

import errno
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from clip_layout import write_export
from hub_downloads import BIG, PATIENCE_SECONDS, REPOSITORY, export_files, server

from helios_desktop.app import build
from helios_desktop.embed import machine
from helios_desktop.embed.downloads import DownloadCancelledError
from helios_desktop.errors import ModelError
from helios_desktop.paths import AppPaths

__all__ = ["export_files", "server"]
BETTER = "ViT-B-16-SigLIP2__webli"


@pytest.fixture
def app(tmp_path):
    with build(AppPaths(**{name: tmp_path / "home" / name for name in ("config", "data", "cache", "log")})) as made:
        yield made


def by_name(app, **options):
    return {row.name: row for row in app.model_store.choices(**options).rows}


def test_every_choice_says_what_it_costs_and_one_is_recommended(app):
    choices = app.model_store.choices()
    here, *others = choices.rows
    assert (here.is_installed, here.is_shipped, here.is_in_use, here.is_wanted) == (True, True, True, True)
    assert here.good_at
    assert len(others) >= 8
    for row in others:
        assert not row.is_installed
        assert row.bytes > 100_000_000
        assert row.memory_bytes > row.bytes * 0.9
        assert row.speed in {"fast", "medium", "slow", "GPU"}
        assert row.pictures_per_second > 0
    assert choices.recommended in choices.rows
    assert "core" in choices.reason


def test_a_small_computer_is_recommended_what_it_has(app, monkeypatch):
    small = replace(machine.this_machine(), memory_bytes=2**30)
    monkeypatch.setattr(machine, "this_machine", lambda: small)
    assert app.model_store.choices().recommended.is_shipped


def test_what_was_measured_counts_from_then_on(app, monkeypatch):
    runs = []

    def measured(one):
        runs.append(one)
        return replace(one, reference_pictures_per_second=0.01, is_measured=True)

    monkeypatch.setattr(machine, "measured", measured)
    assert app.model_store.choices().recommended.name == BETTER
    assert app.model_store.choices(is_measured=True).recommended.is_shipped
    assert app.model_store.choices().recommended.is_shipped
    app.model_store.choices(is_measured=True)
    assert len(runs) == 1


def stopped_download(app, server, **options):
    """Download until the small files are here, then close."""

    def listen(progress):
        if progress.file == BIG:
            app.model_store.close()

    with pytest.raises(DownloadCancelledError):
        app.model_store.download(REPOSITORY, listener=listen, endpoint=server.url, **options)


def test_closing_stops_downloads_and_keeps_what_came(app, server):
    stopped_download(app, server)
    assert app.model_store.discard(REPOSITORY) > 1_000
    assert app.model_store.discard(REPOSITORY) == 0
    assert not [path for path in (app.model_store._folder).rglob("*") if path.suffix == ".part"]


def test_what_came_of_a_model_is_removed_by_its_name_too(app, server):
    stopped_download(app, server)
    name = REPOSITORY.rsplit("/", 1)[-1]
    assert app.model_store.remove(name) > 1_000
    with pytest.raises(ModelError, match="no model"):
        app.model_store.remove(name)


def test_nothing_is_fetched_after_closing(app, server):
    app.model_store.close()
    with pytest.raises(DownloadCancelledError):
        app.model_store.download(REPOSITORY, endpoint=server.url)
    assert server.bodies() == []


def test_a_download_goes_on_after_it_was_stopped(app, server, tmp_path):
    stopped_download(app, server)
    done = []
    with build(app._parts.paths) as again:
        thread = threading.Thread(target=lambda: done.append(again.model_store.download(REPOSITORY, endpoint=server.url)))
        thread.start()
        thread.join(PATIENCE_SECONDS)
        assert done[0].name in by_name(again)
        assert by_name(again)[done[0].name].is_installed


def test_a_model_that_was_installed_anew_answers_with_its_new_files(app, tmp_path):
    def vector(seed):
        row = app.model_store.install(write_export(tmp_path / "colours__one", seed=seed))
        app.model_store.use(row.name, is_now=True)
        return app._parts.embedder().embed_text(["red"])

    assert not np.allclose(vector(7), vector(8))


def test_a_model_whose_files_cannot_be_removed_stays_whole(app, tmp_path, monkeypatch):
    name = app.model_store.install(write_export(tmp_path / "colours__one")).name

    def held(path, target):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", held)
        with pytest.raises(ModelError, match="cannot be removed"):
            app.model_store.remove(name)
    assert by_name(app)[name].is_installed
    app.model_store.remove(name)
    assert name not in by_name(app)
    assert list(app.model_store._folder.iterdir()) == []
