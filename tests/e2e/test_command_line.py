"""The command line as people and scripts use it: every command, its keys and its exit codes."""

import os
import signal
import sys
from pathlib import Path

import pytest
from PIL import Image

HIT_KEYS = {"path", "score", "id", "taken_at", "width", "height"}
FILE_KEYS = {"path", "state", "reason", "width", "height", "format", "taken_at", "hash"}
PROBLEM_KEYS = {"path", "reason", "detail", "remedy"}


@pytest.fixture
def photos(tmp_path, samples):
    """A few sample photos, a text under a photo's name and a film, in a folder of its own."""
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for source in sorted(samples.glob("*.jpg"))[:4]:
        with Image.open(source) as image:  # without EXIF, so that the files' times are their dates
            image.convert("RGB").save(folder / source.name, quality=90)
        os.utime(folder / source.name, (1_600_000_000, 1_600_000_000))
    for name in ("notes.jpg", "film.mp4"):
        (folder / name).write_text("no picture", encoding="utf-8")
        os.utime(folder / name, (1_600_000_000, 1_600_000_000))
    return folder


def test_the_main_job_finds_the_right_photo_first(helios, samples):
    hits = helios.json("search", "a cat on a chair", "--in", str(samples))
    assert Path(hits[0]["path"]).name == "IMG_0112.jpg"
    assert set(hits[0]) == HIT_KEYS
    assert hits[0]["score"] > 2 * abs(hits[1]["score"])
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_people_read_a_score_and_a_path(helios, samples):
    first = helios.ok("search", "a cat on a chair", "--in", str(samples), "--limit", "1")
    score, path = first.split()
    assert float(score) > 0
    assert Path(path).is_file()


def test_index_prints_progress_and_a_summary_last(helios, photos):
    lines = helios.json("index", str(photos))
    assert [line["event"] for line in lines[:-1]] == ["progress"] * (len(lines) - 1)
    summary = lines[-1]
    assert summary["event"] == "summary"
    assert (summary["found"], summary["indexed"], summary["skipped"], summary["embedded"]) == (6, 4, 2, 4)


def test_every_file_is_listed_with_its_state(helios, photos):
    helios.ok("index", str(photos))
    files = {Path(row["path"]).name: row for row in helios.json("list")}
    assert set(files) == {path.name for path in photos.iterdir() if path.is_file()}
    assert all(set(row) == FILE_KEYS for row in files.values())
    assert (files["notes.jpg"]["state"], files["notes.jpg"]["reason"]) == ("skipped", "not-an-image")
    assert (files["film.mp4"]["state"], files["film.mp4"]["reason"]) == ("skipped", "unsupported-format")
    assert files["notes.jpg"]["width"] is None
    photo = next(row for row in files.values() if row["state"] == "indexed")
    assert len(photo["hash"]) == 64
    assert photo["width"] > 0


def test_a_problem_is_a_photo_that_could_not_be_read_and_a_film_is_none(helios, photos):
    helios.ok("index", str(photos))
    problems = helios.json("problems")
    assert [Path(row["path"]).name for row in problems] == ["notes.jpg"]
    assert set(problems[0]) == PROBLEM_KEYS
    assert problems[0]["reason"] == "not-an-image"
    assert problems[0]["remedy"]


def test_add_registers_and_returns_without_indexing(helios, photos):
    helios.ok("add", str(photos))
    status = helios.json("status")[0]
    assert [folder["path"] for folder in status["folders"]] == [str(photos)]
    assert status["photos"]["indexed"] == 0


def test_a_folder_inside_another_changes_nothing_and_one_above_absorbs(helios, photos):
    helios.ok("add", str(photos / "sub"))
    helios.ok("add", str(photos))
    helios.ok("add", str(photos / "sub"))
    assert [folder["path"] for folder in helios.json("status")[0]["folders"]] == [str(photos)]


def test_paths_stay_as_they_were_written(helios, photos, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(photos)
    helios.ok("index", str(link))
    assert all(row["path"].startswith(str(link)) for row in helios.json("list"))


def test_relative_folders_are_made_absolute(helios, photos):
    assert helios.run("index", "photos", cwd=photos.parent).returncode == 0
    assert all(os.path.isabs(row["path"]) for row in helios.json("list"))


def test_remove_forgets_and_touches_no_file(helios, photos):
    helios.ok("index", str(photos))
    before = {path: path.read_bytes() for path in photos.rglob("*") if path.is_file()}
    helios.ok("remove", str(photos))
    assert helios.run("list").returncode == 1
    assert {path: path.read_bytes() for path in photos.rglob("*") if path.is_file()} == before


def test_an_unknown_word_with_a_minus_is_a_negative_word(helios, samples):
    with_cat = helios.json("search", "cat", "--in", str(samples))
    without = helios.json("search", "animal", "-cat")
    assert Path(without[0]["path"]).name != Path(with_cat[0]["path"]).name


def test_list_filters_by_state(helios, photos):
    helios.ok("index", str(photos))
    assert {row["state"] for row in helios.json("list", "--state", "skipped")} == {"skipped"}
    assert helios.run("list", "--state", "pending").returncode == 1


def test_search_in_a_folder_indexes_what_is_missing_and_stays_there(helios, photos, samples):
    helios.ok("index", str(samples))
    hits = helios.json("search", "anything", "--in", str(photos))
    assert len(hits) == 4
    assert all(hit["path"].startswith(str(photos)) for hit in hits)


def test_search_by_image_finds_the_image_itself(helios, samples):
    picture = str(samples / "IMG_0112.jpg")
    hits = helios.json("search", "--image", picture, "--in", str(samples))
    assert hits[0]["path"] == picture
    assert hits[0]["score"] == pytest.approx(1, abs=0.01)


def test_similar_leaves_the_photo_itself_out(helios, samples):
    picture = str(samples / "IMG_0112.jpg")
    helios.ok("index", str(samples))
    assert picture not in [hit["path"] for hit in helios.json("similar", picture)]


def test_similar_takes_a_file_from_anywhere(helios, samples, tmp_path):
    helios.ok("index", str(samples))
    other = tmp_path / "elsewhere.png"
    with Image.open(samples / "IMG_0112.jpg") as image:
        image.resize((200, 133)).save(other)
    assert Path(helios.json("similar", str(other))[0]["path"]).name == "IMG_0112.jpg"


def test_dates_include_the_first_and_exclude_the_last(helios, photos):
    helios.ok("index", str(photos))  # mtime 2020-09-13
    assert len(helios.json("search", "photo", "--after", "2020-09-13")) == 4
    assert helios.run("search", "photo", "--before", "2020-09-13").returncode == 1
    assert len(helios.json("search", "--before", "2021")) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8")
def test_a_name_that_is_not_utf8_survives_the_round_trip(helios, photos):
    name = os.fsencode(photos) + b"/caf\xe9\n.jpg"
    os.rename(next(photos.glob("IMG*.jpg")), name)
    helios.ok("index", str(photos))
    paths = [os.fsencode(row["path"]) for row in helios.json("list", "--state", "indexed")]
    assert name in paths
    assert b"\n.jpg" not in helios.run("search", "photo").stdout.encode("utf-8", "surrogateescape").splitlines()


def test_nothing_found_is_exit_code_1(helios):
    assert helios.run("search", "anything").returncode == 1


@pytest.mark.parametrize("arguments", [("search",), ("search", "x", "--limit", "0"), ("list", "--state", "x"), ("nonsense",)])
def test_wrong_usage_is_exit_code_2(helios, arguments):
    result = helios.run(*arguments)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("index", "/nowhere/at/all"),
        ("remove", "/nowhere/at/all"),
        ("search", "x", "--after", "yesterday"),
        ("search", "x" * 10_000),
        ("search", "-"),
        ("models", "use", "nonsense"),
        ("catalog", "restore"),
        ("similar", "/nowhere.jpg"),
    ],
)
def test_a_known_error_is_exit_code_3_with_what_to_do(helios, arguments):
    result = helios.run(*arguments)
    assert result.returncode == 3, result.stderr
    assert result.stderr.startswith("helios: ")
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupt_is_exit_code_130(helios, photos):
    process = helios.start("watch", "--json")
    try:
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130


def test_a_reader_that_goes_away_ends_the_command_quietly(helios, samples):
    helios.ok("index", str(samples))
    process = helios.start("list", "--json")
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    process.wait(60)
    assert process.returncode == 141, "neither found nor nothing found"
    assert errors == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_an_answer_that_finds_no_room_is_a_known_error(helios, samples):
    helios.ok("index", str(samples))
    with open("/dev/full", "w") as full:
        result = helios.run("list", "--json", stdout=full)
    assert result.returncode == 3
    assert result.stderr.startswith("helios: There is no room left")


@pytest.mark.parametrize("typo", ["--limti", "--jso", "--cameras=x"])
def test_an_unknown_option_is_wrong_usage_and_no_word(helios, typo):
    result = helios.run("search", "cat", typo, "5")
    assert result.returncode == 2
    assert typo.partition("=")[0] in result.stderr


def test_words_with_a_minus_are_no_options(helios, samples):
    helios.ok("index", str(samples))
    assert helios.json("search", "cat", "-chair", "-limit", "-i", "--not", "--dogs", "--limit", "1")
    assert helios.ok("search", "--json", "--limit", "1", "--", "cat", "--chair")


@pytest.mark.parametrize("first", [("search", "cat"), ("list",), ("index",), ("catalog", "check")])
def test_whatever_command_meets_damage_says_what_was_done_about_it(helios, samples, first):
    helios.ok("index", str(samples))
    helios.ok("catalog", "backup")
    (helios.home / "data" / "catalog.sqlite").write_bytes(b"no database any more" * 1000)
    (helios.home / "config" / "settings.toml").write_text("model = [")
    result = helios.run(*first)
    assert result.returncode == 0, result.stderr
    assert "kept as catalog.damaged-" in result.stderr
    assert "kept as settings.damaged-" in result.stderr
    assert helios.run(*first).stderr == ""


def test_catalog_check_backup_rebuild_and_restore(helios, samples):
    helios.ok("index", str(samples))
    assert helios.json("catalog", "check") == [{"ok": True, "faults": []}]
    backup = Path(helios.json("catalog", "backup")[0]["backup"])
    assert backup.is_file()
    helios.ok("remove", str(samples))
    assert helios.run("list").returncode == 1
    restored = helios.json("catalog", "restore")[0]
    assert restored["restored"] == str(backup)
    before = helios.json("search", "a cat on a chair")
    assert helios.json("catalog", "rebuild") == [{"rebuilt": 12}]
    assert helios.json("search", "a cat on a chair") == before


def test_models_are_listed_verified_and_chosen(helios):
    rows = helios.json("models", "list")
    assert [row["title"] for row in rows if row.get("in_use")] == ["starter model"]
    assert helios.json("models", "verify")[0]["ok"] is True
    assert helios.json("models", "use", rows[0]["name"])[0]["name"] == rows[0]["name"]


def test_status_is_one_object_and_says_starter_model(helios):
    [status] = helios.json("status")
    assert status["model"]["title"] == "starter model"
    assert set(status["photos"]) == {"indexed", "pending", "skipped", "absent", "problems"}


def test_doctor_finds_this_machine_fit(helios):
    findings = helios.json("doctor")
    assert [row["check"] for row in findings if not row["ok"]] == []
    assert "decode and embed" in {row["check"] for row in findings}


def test_the_version_comes_from_one_place(helios):
    from helios_desktop import __version__

    assert helios.ok("--version").strip() == f"helios, version {__version__}"


def test_no_command_loads_qt_or_torch(helios, samples):
    code = (
        "import sys; from helios_desktop.cli.main import run; code = run(sys.argv[1:]);"
        "bad = [m for m in ('PySide6', 'torch', 'open_clip', 'fastapi') if m in sys.modules];"
        "print(bad, file=sys.stderr); sys.exit(code)"
    )
    helios.command = [sys.executable, "-P", "-c", code]
    for arguments in (["search", "cat", "--in", str(samples)], ["status"], ["list"], ["models", "list"]):
        result = helios.run(*arguments)
        assert result.returncode == 0, result.stderr
        assert result.stderr.splitlines()[-1] == "[]"


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_our_files_are_for_this_user_alone(helios, samples):
    helios.ok("index", str(samples))
    for path in helios.home.rglob("*"):
        mode = path.stat().st_mode & 0o777
        assert mode & 0o077 == 0, f"{path} has mode {mode:o}"


def test_a_folder_that_is_away_is_searched_and_indexed_as_far_as_it_is_known(helios, photos):
    helios.ok("index", str(photos))
    photos.rename(photos.with_name("away"))
    for _ in range(2):  # gone, then an empty folder in its place
        assert helios.json("index", str(photos))[-1]["absent"] == 1
        assert len(helios.json("search", "a cat", "--in", str(photos))) == 4
        assert {row["state"] for row in helios.json("list", "--state", "absent")} == {"absent"}
        photos.mkdir(exist_ok=True)
    photos.rmdir()
    photos.with_name("away").rename(photos)
    assert helios.json("index", str(photos))[-1]["embedded"] == 0
    result = helios.run("search", "a cat", "--in", str(photos / "no such folder"))
    assert (result.returncode, "does not exist" in result.stderr) == (3, True)


def test_the_applications_own_files_are_not_found(helios, photos):
    helios.environment["HELIOS_HOME"] = str(photos / "helios")
    for _ in range(2):
        assert helios.json("index", str(photos))[-1]["found"] == 6


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names are Unicode there")
def test_a_home_whose_name_is_not_utf_8_is_a_sentence(helios, tmp_path):
    helios.environment["HELIOS_HOME"] = os.fsdecode(os.fsencode(tmp_path) + b"/h\xff")
    result = helios.run("status")
    assert result.returncode == 3
    assert "not UTF-8" in result.stderr


def test_the_version_is_told_to_people_and_to_scripts(helios):
    text = helios.ok("--version")
    assert helios.json("--version") == [{"version": text.split()[-1]}]
