"""Starter model -> another -> back, killed twice on the way, and search answers throughout."""

import io
import os
import shutil
import signal
import time

import numpy as np
import pytest
from clip_layout import COLOURS, write_export
from PIL import Image

from helios_desktop.embed.onnx_exports import facts_from_name, make_pack

PHOTOS = 112
PATIENCE_SECONDS = 60


@pytest.fixture
def photos(tmp_path):
    """Plain walls of seven colours, large enough that a kill finds the work under way."""
    folder = tmp_path / "photos"
    folder.mkdir()
    noise = np.random.default_rng(1).integers(-4, 5, (2400, 3200, 1))
    moment = time.time() - 3600
    bases = {}
    for colour, value in COLOURS.items():
        target = io.BytesIO()
        Image.fromarray(np.clip(np.array(value) + noise, 0, 255).astype(np.uint8)).save(target, "JPEG", quality=85)
        bases[colour] = target.getvalue()
    for number in range(PHOTOS):
        colour = list(COLOURS)[number % len(COLOURS)]
        comment = f"{number:06}".encode()
        jpeg = bases[colour]
        path = folder / f"{colour}-{number:03}.jpg"
        path.write_bytes(jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:])
        os.utime(path, (moment - number, moment - number))
    return folder


@pytest.fixture
def other_model(helios):
    folder = helios.home / "data" / "models" / "colours__one"
    write_export(folder)
    make_pack(folder, facts_from_name("colours__one"))
    return "colours__one"


def answers(helios, words, count=5):
    return [hit["path"].rsplit("/", 1)[-1].split("-")[0] for hit in helios.json("search", words, "--limit", str(count))]


def status(helios):
    return helios.json("status")[0]


def kill_when_under_way(helios, beyond):
    """Start indexing, wait until the new model has seen more than ``beyond`` photos, kill; return how many it saw."""
    process = helios.start("index")
    until = time.monotonic() + PATIENCE_SECONDS
    try:
        while process.poll() is None and time.monotonic() < until:
            now = status(helios)
            if now["next_model"] and now["next_model"]["photos"] > beyond:
                break
            assert now["model"]["id"].startswith("starter")
            assert answers(helios, "a red wall", 1)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    return status(helios)


def test_a_new_model_takes_over_when_it_is_ready_and_the_old_one_is_back_at_once(helios, photos, other_model):
    helios.ok("index", str(photos))
    starter = status(helios)["model"]["id"]
    assert len(answers(helios, "a red wall")) == 5

    helios.ok("models", "use", other_model)
    now = status(helios)
    assert now["model"]["id"] == starter
    assert now["next_model"] == {"id": other_model, "title": "colours (one)", "photos": 0, "of": PHOTOS}

    seen = 0
    for _ in range(2):
        now = kill_when_under_way(helios, seen)
        assert now["model"]["id"] == starter
        assert seen < now["next_model"]["photos"] < PHOTOS
        seen = now["next_model"]["photos"]
        assert len(answers(helios, "a red wall")) == 5
        similar = helios.json("similar", str(photos / "red-000.jpg"), "--limit", "3")
        assert len(similar) == 3
    assert helios.json("catalog", "check")[0]["ok"]

    done = helios.json("index")[-1]
    assert done["embedded"] == PHOTOS - seen
    now = status(helios)
    assert now["model"]["id"] == other_model
    assert now["next_model"] is None
    for colour in ("red", "blue", "violet"):
        assert answers(helios, f"a {colour} wall") == [colour] * 5
    assert {hit["path"].rsplit("/", 1)[-1][:3] for hit in helios.json("similar", str(photos / "red-000.jpg"))} >= {"red"}

    helios.ok("models", "use", starter)
    assert status(helios)["model"]["id"] == starter
    assert len(answers(helios, "a red wall")) == 5
    helios.ok("models", "use", other_model)
    assert answers(helios, "a yellow wall") == ["yellow"] * 5
    covered = {row["id"]: row["photos"] for row in helios.json("models", "list")}
    assert covered[starter] == covered[other_model] == PHOTOS


def test_told_to_take_over_it_answers_with_what_it_has(helios, photos, other_model):
    for path in sorted(photos.iterdir())[14:]:
        path.unlink()
    helios.ok("index", str(photos))
    helios.ok("models", "use", other_model, "--now")
    assert status(helios)["model"]["id"] == other_model
    assert helios.run("search", "a red wall").returncode == 1
    helios.ok("index")
    assert answers(helios, "a black wall", 1) == ["black"]


def test_a_model_that_was_deleted_by_hand_leaves_search_working(helios, photos, other_model):
    for path in sorted(photos.iterdir())[14:]:
        path.unlink()
    helios.ok("index", str(photos))
    helios.ok("models", "use", other_model)
    helios.ok("index")
    shutil.rmtree(helios.home / "data" / "models" / other_model)
    now = status(helios)
    assert now["model"]["id"].startswith("starter")
    assert any(other_model in notice for notice in now["notices"])
    assert answers(helios, "a wall", 1)
