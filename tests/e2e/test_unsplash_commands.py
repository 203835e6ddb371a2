"""``helios unsplash`` and a library beside the user's photos, as people and scripts use them."""

import contextlib
import io
import os
import signal
import subprocess

import numpy as np
import pytest

from helios_desktop.cli.main import run

HIT_KEYS = {"path", "score", "id", "taken_at", "width", "height", "url", "sourceUrl"}


@pytest.fixture
def quick(helios, monkeypatch):
    """``helios`` in this process: the same command lines, a second sooner each."""
    monkeypatch.setenv("HELIOS_HOME", str(helios.home))

    def here(*arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(list(arguments))
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    helios.run = here
    return helios


@pytest.fixture
def files(tmp_path):
    """Writes the two files of a data set; returns their names."""

    def write(count=200, **options):
        features = np.random.default_rng(3).standard_normal((count, options.get("dim", 512))).astype("float16")
        if "zero" in options:
            features[options["zero"]] = 0
        np.save(tmp_path / "features.npy", features)
        rows = "".join(f"id_{number}\n" for number in range(count))
        (tmp_path / "photo_ids.csv").write_text("photo_id\n" + rows, encoding="utf-8")
        return str(tmp_path / "photo_ids.csv"), str(tmp_path / "features.npy")

    return write


def test_a_data_set_comes_and_goes(quick, files):
    ids, features = files(zero=7)
    assert quick.run("unsplash", "status").returncode == 1
    plan = quick.json("unsplash", "import", ids, features, "--dry-run")[-1]
    assert (plan["new"], plan["dry_run"]) == (199, True)
    assert quick.run("unsplash", "status").returncode == 1
    lines = quick.json("unsplash", "import", ids, features, "--start", "0", "--end", "100")
    assert {line["event"] for line in lines[:-1]} == {"progress"}
    assert (lines[-1]["new"], lines[-1]["zero"]) == (99, ["id_7"])
    again = quick.json("unsplash", "import", ids, features)[-1]
    assert (again["new"], again["unchanged"]) == (100, 99)
    status = quick.json("unsplash", "status")[0]
    assert status == {
        "library": "unsplash",
        "photos": 199,
        "model": "ViT-B-32__openai",
        "dim": 512,
        "model_installed": False,
    }
    assert quick.json("status")[0]["photos"]["indexed"] == 0
    assert quick.json("unsplash", "remove")[0] == {"library": "unsplash", "removed": 199}
    assert quick.run("unsplash", "remove").returncode == 1


def test_photos_like_one_are_found_by_id_hit_and_address_and_words_need_the_model(quick, files):
    quick.ok("unsplash", "import", *files())
    hits = quick.json("similar", "id_3", "--library", "unsplash", "--limit", "3")
    assert set(hits[0]) == HIT_KEYS
    assert hits[0]["path"] is None
    assert hits[0]["sourceUrl"].startswith("https://unsplash.com/photos/id_")
    assert hits[0]["url"] == hits[0]["sourceUrl"] + "download"
    for other in ("https://unsplash.com/photos/id_3/", "https://unsplash.com/photos/id_3/download?force=true"):
        assert quick.json("similar", other, "--library", "unsplash", "--limit", "3") == hits
    assert len(quick.json("similar", hits[0]["id"], "--library", "unsplash", "--limit", "3")) == 3
    refused = quick.run("search", "--library", "unsplash", "a red boat")
    assert refused.returncode == 3
    assert "ViT-B-32__openai" in refused.stderr
    assert "not installed" in refused.stderr
    assert quick.run("similar", "id_999", "--library", "unsplash").returncode == 3
    missing = quick.run("search", "--library", "unsplsh", "boat")
    assert missing.returncode == 3
    assert "photos, unsplash" in missing.stderr


def test_the_users_own_photos_answer_by_default(quick, files, samples):
    quick.ok("unsplash", "import", *files())
    hits = quick.json("search", "a cat on a chair", "--in", str(samples))
    assert all(hit["path"] for hit in hits)
    assert all("url" not in hit for hit in hits)


def test_a_library_of_an_installed_model_understands_words(quick, files):
    ids, features = files()
    quick.ok("unsplash", "import", ids, features, "--model", quick.json("models", "list")[0]["id"])
    assert quick.json("unsplash", "status")[0]["model_installed"] is True
    hits = quick.json("search", "a red boat", "--library", "unsplash", "--limit", "5")
    assert len(hits) == 5
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    other = quick.run("unsplash", "import", ids, features)
    assert other.returncode == 3
    assert "cannot be compared" in other.stderr


def test_a_fault_is_a_sentence_and_nothing_is_imported(quick, files, tmp_path):
    ids, features = files(dim=256)
    refused = quick.run("unsplash", "import", ids, features)
    assert refused.returncode == 3
    assert "256 numbers a row; expected are 512" in refused.stderr
    assert "Traceback" not in refused.stderr
    (tmp_path / "features.npy").write_bytes(b"\x80\x04pickled")
    assert "pickle" in quick.run("unsplash", "import", ids, features).stderr
    assert quick.run("unsplash", "status").returncode == 1


@pytest.mark.skipif(os.name == "nt", reason="sends a signal")
def test_ctrl_c_keeps_what_was_done_and_the_same_command_goes_on(helios, files):
    count = 240_000  # some seconds of work on a quick machine: progress is told once a second
    ids, features = files(count=count)
    process = helios.start("unsplash", "import", ids, features, "--json")
    for line in process.stdout:
        if '"phase":"indexing"' in line and '"done":0' not in line:
            break
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "kept" in stderr
    so_far = helios.json("unsplash", "status")[0]["photos"]
    assert 0 < so_far < count
    summary = helios.json("unsplash", "import", ids, features)[-1]
    assert (summary["new"], summary["unchanged"]) == (count - so_far, so_far)
