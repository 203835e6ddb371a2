"""Starter model -> tiny CLIP -> back, killed twice on the way, and search answers throughout."""

import io
import os
import shutil
import signal
import time

import numpy as np
import pytest
from clip_layout import COLOURS, write_export
from PIL import Image
from tiny_clip_pictures import Scene, draw

from helios_desktop.embed.onnx_exports import facts_from_name, make_pack

PHOTOS = 140
FEW_PHOTOS = 14
SHAPE_PX = (3000, 3000)
SHAPES = [("red", "square"), ("blue", "circle"), ("yellow", "cross"), ("green", "star"), ("white", "ring")]
PATIENCE_SECONDS = 60


def numbered(jpeg, number):
    """The same picture as another file: a comment goes behind the first mark."""
    comment = f"{number:06}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]


def as_jpeg(image):
    target = io.BytesIO()
    image.save(target, "JPEG", quality=85)
    return target.getvalue()


def fill(folder, pictures, count):
    """Write ``count`` photos, a kind of picture after the other, each older than the one before."""
    folder.mkdir()
    moment = time.time() - 3600
    for number in range(count):
        name = list(pictures)[number % len(pictures)]
        path = folder / f"{name}-{number:03}.jpg"
        path.write_bytes(numbered(pictures[name], number))
        os.utime(path, (moment - number, moment - number))
    return folder


@pytest.fixture
def photos(tmp_path):
    """Plain walls of seven colours."""
    walls = {name: as_jpeg(Image.new("RGB", (320, 240), colour)) for name, colour in COLOURS.items()}
    return fill(tmp_path / "photos", walls, FEW_PHOTOS)


@pytest.fixture
def shapes(tmp_path):
    """Coloured shapes, large enough that a kill finds the work under way."""
    random = np.random.default_rng(8)
    pictures = {}
    for colour, shape in SHAPES:
        drawn = draw(Scene(colour=colour, shape=shape, size="large"), 600, random).convert("RGB")
        pictures[f"{colour} {shape}"] = as_jpeg(drawn.resize(SHAPE_PX, Image.Resampling.BILINEAR))
    return fill(tmp_path / "shapes", pictures, PHOTOS)


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
        assert answers(helios, "a red square", 1)
        while process.poll() is None and time.monotonic() < until:
            now = status(helios)
            if now["next_model"] and now["next_model"]["photos"] > beyond:
                break
            assert now["model"]["id"].startswith("starter")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    return status(helios)


def test_a_new_model_takes_over_when_it_is_ready_and_the_old_one_is_back_at_once(helios, shapes, tiny_packs):
    helios.ok("index", str(shapes))
    starter = status(helios)["model"]["id"]
    assert len(answers(helios, "a red square")) == 5

    tiny = helios.json("models", "install", str(tiny_packs["int8"]))[-1]["id"]
    helios.ok("models", "use", tiny)
    now = status(helios)
    assert now["model"]["id"] == starter
    assert (now["next_model"]["id"], now["next_model"]["photos"], now["next_model"]["of"]) == (tiny, 0, PHOTOS)

    seen = 0
    for _ in range(2):
        now = kill_when_under_way(helios, seen)
        assert now["model"]["id"] == starter
        assert seen < now["next_model"]["photos"] < PHOTOS
        seen = now["next_model"]["photos"]
        assert len(answers(helios, "a red square")) == 5
        assert len(helios.json("similar", str(shapes / "red square-000.jpg"), "--limit", "3")) == 3
    assert helios.json("catalog", "check")[0]["ok"]

    done = helios.json("index")[-1]
    assert done["embedded"] == PHOTOS - seen
    now = status(helios)
    assert now["model"]["id"] == tiny
    assert now["next_model"] is None
    for colour, shape in SHAPES:
        assert answers(helios, f"a {colour} {shape}") == [f"{colour} {shape}"] * 5
    like_it = helios.json("similar", str(shapes / "red square-000.jpg"), "--limit", "5")
    assert [hit["path"].rsplit("/", 1)[-1].split("-")[0] for hit in like_it] == ["red square"] * 5

    helios.ok("models", "use", starter)
    assert status(helios)["model"]["id"] == starter
    assert len(answers(helios, "a red square")) == 5
    helios.ok("models", "use", tiny)
    assert answers(helios, "a blue circle") == ["blue circle"] * 5
    covered = {row["id"]: row["photos"] for row in helios.json("models", "list") if row["installed"]}
    assert covered[starter] == covered[tiny] == PHOTOS


def test_told_to_take_over_it_answers_with_what_it_has(helios, photos, other_model):
    helios.ok("index", str(photos))
    helios.ok("models", "use", other_model, "--now")
    assert status(helios)["model"]["id"] == other_model
    assert helios.run("search", "a red wall").returncode == 1
    helios.ok("index")
    assert answers(helios, "a black wall", 1) == ["black"]


def test_a_model_that_was_deleted_by_hand_leaves_search_working(helios, photos, other_model):
    helios.ok("index", str(photos))
    helios.ok("models", "use", other_model)
    helios.ok("index")
    shutil.rmtree(helios.home / "data" / "models" / other_model)
    now = status(helios)
    assert now["model"]["id"].startswith("starter")
    assert any(other_model in notice for notice in now["notices"])
    assert answers(helios, "a wall", 1)
