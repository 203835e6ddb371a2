"""Which photos pass a filter, by each of its fields."""

import os
import time

import pytest

from helios_desktop.domain import Filter, PhotoState, SkipReason
from helios_desktop.errors import QueryError


def passing(shelf, **fields):
    wanted = Filter(**fields)
    ids = shelf.photos.matching_ids(wanted)
    assert ids.tolist() == sorted(ids.tolist())
    assert sorted(shelf.photos.browse(wanted).tolist()) == ids.tolist()
    return sorted(shelf.names(ids))


def test_no_condition_lets_every_indexed_photo_pass(shelf):
    shelf.index("a.jpg", "b.jpg")
    shelf.add("c.jpg")
    assert passing(shelf) == ["a.jpg", "b.jpg"]


def test_the_last_answer_is_kept_until_anything_is_committed(shelf):
    shelf.index("a.jpg")
    first = shelf.photos.matching_ids(Filter(formats=("jpeg",)))
    assert shelf.photos.matching_ids(Filter(formats=("jpeg",))) is first
    assert passing(shelf, folders=(shelf.path("elsewhere"),)) == []
    shelf.index("b.jpg")
    assert passing(shelf, formats=("jpeg",)) == ["a.jpg", "b.jpg"]


def test_an_empty_catalogue_answers_with_nothing(shelf):
    assert shelf.photos.matching_ids(Filter()).tolist() == []
    assert shelf.photos.browse().dtype == "int64"


def test_a_folder_holds_what_is_below_it_and_not_its_namesakes(shelf):
    shelf.index("x/a.jpg", "x/y/b.jpg", "x-1/c.jpg", "x0/d.jpg", "x.jpg")
    assert passing(shelf, folders=(shelf.path("x"),)) == ["x/a.jpg", "x/y/b.jpg"]
    assert passing(shelf, folders=(shelf.path("x") + os.sep.encode(),)) == ["x/a.jpg", "x/y/b.jpg"]
    assert passing(shelf, folders=(shelf.path("x-1"), shelf.path("x/y"))) == ["x-1/c.jpg", "x/y/b.jpg"]
    assert passing(shelf, folders=(shelf.path("x.jpg"),)) == ["x.jpg"]
    assert passing(shelf, folders=(os.sep.encode(),)) == sorted(["x/a.jpg", "x/y/b.jpg", "x-1/c.jpg", "x0/d.jpg", "x.jpg"])


@pytest.mark.skipif(os.name == "nt", reason="names are UTF-16 there")
def test_signs_of_patterns_in_a_folder_name_mean_themselves(shelf):
    shelf.index("50%_off/a.jpg", "50x_off/b.jpg", b"\xff/c.jpg")
    assert passing(shelf, folders=(shelf.path("50%_off"),)) == ["50%_off/a.jpg"]
    assert passing(shelf, folders=(shelf.path(b"\xff"),)) == [os.fsdecode(b"\xff/c.jpg")]


@pytest.mark.parametrize(
    ("after", "before", "expected"),
    [
        ("2024", None, ["new.jpg", "summer.jpg"]),
        ("2024-06", "2024-07", ["summer.jpg"]),
        ("2024-06-15", "2024-06-16", ["summer.jpg"]),
        ("2024-06-15T12:00", None, ["new.jpg", "summer.jpg"]),
        ("2024-06-15T12:00:01", None, ["new.jpg"]),
        (None, "2024-06-15T12:00:00", ["old.jpg"]),
        (None, "2024", ["old.jpg"]),
        ("2024-06-15 12:00:00+09:00", "2024-06-15T12:00:01Z", ["summer.jpg"]),
    ],
)
def test_dates_are_the_cameras_wall_clock_from_inclusive_to_exclusive(shelf, after, before, expected):
    shelf.index("summer.jpg", taken_at="2024-06-15T12:00:00+02:00")
    shelf.index("new.jpg", taken_at="2025-01-01T00:00:00")
    shelf.index("old.jpg", taken_at="1999-12-31T23:59:59")
    assert passing(shelf, taken_after=after, taken_before=before) == expected


def test_a_photo_without_a_date_counts_by_its_mtime_on_this_computers_clock(shelf):
    shelf.index("a.jpg")
    mtime = shelf.at("a.jpg").mtime_ns // 10**9
    this_second, next_second = (time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(mtime + more)) for more in (0, 1))
    assert passing(shelf, taken_after=this_second, taken_before=next_second) == ["a.jpg"]
    assert passing(shelf, taken_after=next_second) == []


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13", "2024-02-30", "0000", "20240601", "2024-06-01T25:00"])
def test_a_date_that_is_none_is_refused_with_an_example(shelf, text):
    with pytest.raises(QueryError, match="2024-06-01"):
        shelf.photos.matching_ids(Filter(taken_after=text))


def test_cameras_match_anywhere_in_any_case_and_script(shelf):
    shelf.index("a.jpg", camera="Canon EOS R5")
    shelf.index("b.jpg", camera="NIKON Z6")
    shelf.index("c.jpg", camera="ЗЕНИТ-Е")
    shelf.index("d.jpg")
    assert passing(shelf, cameras=("canon",)) == ["a.jpg"]
    assert passing(shelf, cameras=("z6", "зенит")) == ["b.jpg", "c.jpg"]
    assert passing(shelf, cameras=("leica",)) == []


def test_formats_match_whole_by_any_of_their_names(shelf):
    shelf.index("a.jpg", format="JPEG")
    shelf.index("b.png", format="PNG")
    shelf.index("c.tif", format="TIFF")
    assert passing(shelf, formats=("jpg",)) == passing(shelf, formats=("JPEG",)) == ["a.jpg"]
    assert passing(shelf, formats=(".tif", "png")) == ["b.png", "c.tif"]
    assert passing(shelf, formats=("jp",)) == []


def test_exact_words_are_found_in_names_folders_title_caption_and_keywords(shelf):
    shelf.index("Summer Trip/IMG_0001.jpg")
    shelf.index("t.jpg", title="Grand Canyon")
    shelf.index("c.jpg", caption="We saw the grand canyon, at last")
    shelf.index("k.jpg", keywords=("red rock", "canyon"))
    assert passing(shelf, exact=("grand canyon",)) == ["c.jpg", "t.jpg"]
    assert passing(shelf, exact=("summer trip",)) == ["Summer Trip/IMG_0001.jpg"]
    assert passing(shelf, exact=("img_0001",)) == ["Summer Trip/IMG_0001.jpg"]
    assert passing(shelf, exact=("canyon", "saw")) == ["c.jpg"]
    assert passing(shelf, not_exact=("canyon",)) == ["Summer Trip/IMG_0001.jpg"]
    assert passing(shelf, exact=("canyon grand",)) == []


def test_a_phrase_does_not_cross_from_one_name_to_the_next(shelf):
    shelf.index("red/rock/a.jpg", keywords=("blue", "sky"))
    assert passing(shelf, exact=("red rock",)) == []
    assert passing(shelf, exact=("blue sky",)) == []
    assert passing(shelf, exact=("rock", "blue", "sky")) == ["red/rock/a.jpg"]


def test_folders_above_the_root_are_no_names_of_its_photos(shelf, shelf_of):
    deep = shelf_of(shelf.catalog, os.fsencode(os.path.join(os.sep, "home", "anna", "Pictures")))
    (photo_id,) = deep.index("a.jpg")
    assert shelf.photos.matching_ids(Filter(exact=("anna",))).tolist() == []
    assert shelf.photos.matching_ids(Filter(exact=("pictures",))).tolist() == [photo_id]


def test_case_accents_and_forms_of_letters_do_not_matter_to_words(shelf):
    shelf.index(b"caf\xc3\xa9 \xc3\x89t\xc3\xa9.jpg" if os.name != "nt" else "café Été.jpg")
    assert len(passing(shelf, exact=("CAFE ete",))) == 1
    assert len(passing(shelf, exact=("cafe\u0301 e\u0301te\u0301",))) == 1


def test_a_part_of_a_text_without_spaces_is_found(shelf):
    shelf.index("a.jpg", title="東京旅行の写真")
    shelf.index("b.jpg", title="京都")
    assert passing(shelf, exact=("旅行",)) == ["a.jpg"]
    assert passing(shelf, exact=("京",)) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize(
    "text", ['"', 'a"b', "*", "NEAR(a b)", "name:a", "-", "\0", "a\0b", "(" * 50, "a" * 10_000, "\ue000", "\udcff", "^a"]
)
def test_no_text_breaks_the_question(shelf, text):
    shelf.index("other.jpg")
    assert passing(shelf, exact=(text,)) == []
    assert passing(shelf, not_exact=(text,)) == ["other.jpg"]


def test_blank_words_ask_for_nothing(shelf):
    shelf.index("a.jpg")
    assert passing(shelf, exact=("", "  ")) == ["a.jpg"]


def test_words_follow_a_rename_a_new_content_and_a_deletion(shelf):
    shelf.index("sea.jpg", title="waves")
    shelf.move("sea.jpg", "hills/lake.jpg")
    assert passing(shelf, exact=("sea",)) == []
    assert passing(shelf, exact=("lake",)) == passing(shelf, exact=("waves",)) == ["hills/lake.jpg"]
    shelf.change("hills/lake.jpg", size=77)
    assert list(shelf.photos.listing(Filter(exact=("waves",)))) == []
    assert [photo.path for photo in shelf.photos.listing(Filter(exact=("lake",)))] == [shelf.path("hills/lake.jpg")]
    shelf.photos.mark_ready([shelf.ready("hills/lake.jpg", "other", title="trees")])
    assert passing(shelf, exact=("waves",)) == []
    assert passing(shelf, exact=("trees",)) == passing(shelf, exact=("hills",)) == ["hills/lake.jpg"]
    shelf.vanish("hills/lake.jpg")
    shelf.index("new.jpg")
    assert passing(shelf, exact=("trees",)) == []
    assert shelf.catalog.check() == []


def test_only_favourites_pass_where_they_are_asked_for(shelf):
    first, _ = shelf.index("a.jpg", "b.jpg")
    shelf.catalog.marks.favourite(first)
    assert passing(shelf, is_favourite=True) == ["a.jpg"]


def test_several_fields_must_all_pass(shelf):
    shelf.index("x/a.jpg", taken_at="2024-01-01", camera="Canon", title="sea")
    shelf.index("x/b.jpg", taken_at="2023-01-01", camera="Canon", title="sea")
    shelf.index("c.jpg", taken_at="2024-01-01", camera="Canon", title="sea")
    wanted = {
        "folders": (shelf.path("x"),),
        "taken_after": "2024",
        "cameras": ("canon",),
        "formats": ("jpg",),
        "exact": ("sea",),
    }
    assert passing(shelf, **wanted) == ["x/a.jpg"]


def test_browsing_shows_the_newest_first_by_date_taken_else_by_mtime(shelf):
    shelf.index("mtime-2020.jpg", day=0)
    shelf.index("taken-2024.jpg", day=0, taken_at="2024-01-01T00:00:00")
    shelf.index("taken-2001.jpg", day=9, taken_at="2001-01-01T00:00:00")
    assert shelf.names(shelf.photos.browse()) == ["taken-2024.jpg", "mtime-2020.jpg", "taken-2001.jpg"]


def test_a_listing_shows_every_file_that_a_scan_met_in_its_state(shelf, shelf_of):
    shelf.index("i.jpg")
    shelf.add("p.jpg", day=1)
    shelf.add("s.jpg", day=2, reason=SkipReason.EMPTY)
    other = shelf_of(shelf.catalog, os.fsencode(os.path.join(os.sep, "stick")))
    other.index("gone.jpg")
    shelf.catalog.roots.set_present(other.root.root_id, False)
    states = {os.path.basename(photo.path): photo.state for photo in shelf.photos.listing()}
    assert states == {
        b"i.jpg": PhotoState.INDEXED,
        b"p.jpg": PhotoState.PENDING,
        b"s.jpg": PhotoState.SKIPPED,
        b"gone.jpg": PhotoState.ABSENT,
    }
    for name, state in states.items():
        assert [os.path.basename(photo.path) for photo in shelf.photos.listing(state=state)] == [name]
    assert [photo.path for photo in shelf.photos.listing(Filter(folders=(shelf.root.path,)))] == [
        shelf.path("s.jpg"),
        shelf.path("p.jpg"),
        shelf.path("i.jpg"),
    ]
    counts = shelf.photos.counts()
    assert (counts.indexed, counts.pending, counts.skipped, counts.absent, counts.problems) == (1, 1, 1, 1, 1)


def test_a_listing_may_be_left_in_the_middle_and_survives_deletions(shelf):
    shelf.index(*[f"{number:04}.jpg" for number in range(1100)])
    listing = shelf.photos.listing()
    assert next(listing).path.endswith(b"1099.jpg")
    shelf.vanish("0000.jpg")
    assert sum(1 for _ in listing) == 1098


def test_problems_are_photos_that_could_not_be_read_and_nothing_else(shelf):
    shelf.add("a.JPG", "c.jpg", "d.jpg")
    shelf.scan(
        added=(
            shelf.found("v.mp4", reason=SkipReason.UNSUPPORTED_FORMAT),
            shelf.found("l.jpg", reason=SkipReason.LINK),
            shelf.found("u.heic", reason=SkipReason.UNREADABLE),
            shelf.found("f.jpg", reason=SkipReason.NOT_A_REGULAR_FILE),
        )
    )
    shelf.skip("a.JPG", SkipReason.NOT_AN_IMAGE)
    shelf.skip("c.jpg", SkipReason.TOO_LARGE)
    found = sorted(os.path.basename(problem.path) for problem in shelf.photos.problems())
    assert found == [b"a.JPG", b"c.jpg", b"u.heic"]
    assert shelf.photos.counts().problems == 3


def test_photos_come_in_the_order_asked_and_unknown_ids_are_left_out(shelf):
    ids = shelf.index(*[f"{number}.jpg" for number in range(5)])
    asked = [ids[3], 10**12, ids[0], ids[3]]
    assert [photo.photo_id for photo in shelf.photos.get(asked)] == [ids[3], ids[0], ids[3]]


def test_an_album_and_a_rating_narrow_like_every_other_condition(shelf):
    first, second, third = shelf.index("a.jpg", "b.jpg", "c.jpg")
    marks = shelf.catalog.marks
    album = marks.create_album("Best")
    marks.add_to_album(album, [first, second])
    marks.rating(second, 4)
    marks.rating(third, 5)
    assert passing(shelf, album_id=album) == ["a.jpg", "b.jpg"]
    assert passing(shelf, min_rating=4) == ["b.jpg", "c.jpg"]
    assert passing(shelf, album_id=album, min_rating=4) == ["b.jpg"]
    assert passing(shelf, album_id=album + 1) == []


def test_a_folder_is_found_by_its_name_and_not_by_that_of_a_file_or_a_caption(shelf):
    shelf.index("Italy 2023/a.jpg", "trips/Italy/b.jpg", "Italy.jpg", "Norway/c.jpg")
    assert passing(shelf, folder_names=("italy",)) == ["Italy 2023/a.jpg", "trips/Italy/b.jpg"]
    assert passing(shelf, folder_names=("italy", "norway")) == ["Italy 2023/a.jpg", "Norway/c.jpg", "trips/Italy/b.jpg"]
    assert passing(shelf, folder_names=("...",)) == []


def test_months_are_counted_as_photos_are_browsed(shelf):
    shelf.index("a.jpg", taken_at="2024-06-01T10:00:00")
    shelf.index("b.jpg", taken_at="2024-06-30T23:59:59")
    shelf.index("c.jpg", taken_at="2023-12-31T12:00:00")
    assert shelf.photos.months() == [("2024-06", 2), ("2023-12", 1)]
    assert shelf.photos.months(Filter(taken_before="2024")) == [("2023-12", 1)]
    assert shelf.photos.months(Filter(taken_before="2000")) == []
