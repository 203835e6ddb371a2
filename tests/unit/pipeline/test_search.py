"""From a question to its answer."""

import os

import numpy as np
import pytest
from PIL import Image

from helios_desktop.domain import Filter, ImageTerm, PhotoTerm, Query, TextTerm
from helios_desktop.errors import QueryError
from helios_desktop.index.embedded import EmbeddedIndex
from helios_desktop.pipeline.query import parse
from helios_desktop.pipeline.search import Search
from helios_desktop.pipeline.vector_source import CatalogVectors


@pytest.fixture
def photos(library, paint):
    """Five plain photos in two folders, indexed; name -> path."""
    paths = {}
    for number, (name, folder) in enumerate(
        [("red", "a"), ("green", "a"), ("blue", "a"), ("white", "b"), ("black", "b")], start=1
    ):
        paths[name] = paint(library.folder / folder / f"{name}.jpg", name, age_seconds=1000 * number)
    library.add()
    library.index()
    return paths


@pytest.fixture
def search(library, photos):
    index = EmbeddedIndex(
        library.base / "index",
        CatalogVectors(library.catalog),
        library.embedder.model_id,
        library.embedder.dim,
        catalogue_id=library.catalog.generation,
    )
    yield Search(catalog=library.catalog, index=index, embedder=library.embedder, decoder=lambda: library.decoder)
    index.close()


def names(result):
    return [os.fsdecode(hit.photo.path).rsplit(os.sep, 1)[1].removesuffix(".jpg") for hit in result.hits]


def ask(search, words, **more):
    return search.answer(parse(words, **more).query)


def test_the_right_photo_comes_first_with_the_models_score(search):
    result = ask(search, "something red")
    assert names(result)[0] == "red"
    assert result.hits[0].score == pytest.approx(1.0, abs=0.02)
    assert result.total == 5
    assert result.engine == "embedded"


def test_scores_fall_from_hit_to_hit(search):
    scores = [hit.score for hit in ask(search, "red and green").hits]
    assert scores == sorted(scores, reverse=True)


def test_a_negative_word_looks_away(search):
    assert names(ask(search, "-red"))[-1] == "red"


def test_weights_decide_between_two_words(search):
    assert names(ask(search, "red 3:green"))[0] == "green"


def test_the_filter_is_kept_and_counted(search, library):
    result = ask(search, "red", base=Filter(folders=(os.fsencode(library.folder / "b"),)))
    assert sorted(names(result)) == ["black", "white"]
    assert result.total == 2


def test_quoted_words_must_be_in_the_name(search):
    assert names(ask(search, '"green"')) == ["green"]


def test_without_words_the_filter_alone_answers_newest_first(search, library):
    result = search.answer(Query(filter=Filter(folders=(os.fsencode(library.folder / "a"),))))
    assert names(result) == ["red", "green", "blue"]
    assert [hit.score for hit in result.hits] == [None, None, None]


def test_pages_follow_each_other(search):
    first = search.answer(Query(terms=(TextTerm(text="red"),), limit=2))
    second = search.answer(Query(terms=(TextTerm(text="red"),), limit=2, offset=2))
    assert len(set(names(first) + names(second))) == 4


def test_a_picture_finds_pictures_like_it(search, library, paint):
    other = paint(library.base / "question.jpg", "blue")
    assert names(search.answer(Query(terms=(ImageTerm(path=os.fsencode(other)),))))[0] == "blue"


def test_a_picture_and_words_combine(search, library, paint):
    other = paint(library.base / "question.jpg", "blue")
    both = search.answer(Query(terms=(ImageTerm(path=os.fsencode(other)), TextTerm(text="red"))))
    assert sorted(names(both)[:2]) == ["blue", "red"]


def test_a_photo_of_the_catalogue_finds_others_and_not_itself(search, library, photos):
    photo = library.catalog.photos.by_path(os.fsencode(photos["red"]))
    result = search.answer(Query(terms=(PhotoTerm(photo_id=photo.photo_id),)))
    assert len(result.hits) == 4
    assert "red" not in names(result)


def test_with_words_beside_it_a_good_photo_stays_where_it_was_found_and_a_bad_one_goes(search, library, photos):
    red, green = (library.catalog.photos.by_path(os.fsencode(photos[name])) for name in ("red", "green"))
    terms = (TextTerm(text="red"), PhotoTerm(photo_id=red.photo_id), PhotoTerm(photo_id=green.photo_id, weight=-0.5))
    found = [hit.photo.photo_id for hit in search.answer(Query(terms=terms)).hits]
    assert found[0] == red.photo_id
    assert green.photo_id not in found
    assert len(found) == 4


def test_a_picture_that_cannot_be_read_is_a_sentence(search, library):
    broken = library.base / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 not much")
    with pytest.raises(QueryError, match=r"broken\.jpg.*cannot be read \(damaged\)"):
        search.answer(Query(terms=(ImageTerm(path=os.fsencode(broken)),)))


def test_a_picture_that_is_not_there_is_called_missing(search, library):
    with pytest.raises(QueryError, match=r"no file .*nowhere\.jpg"):
        search.answer(Query(terms=(ImageTerm(path=os.fsencode(library.base / "nowhere.jpg")),)))


def test_a_question_without_anything_is_a_sentence(search):
    with pytest.raises(QueryError, match="no words"):
        ask(search, "-")


def test_words_that_cancel_each_other_are_a_sentence(search):
    with pytest.raises(QueryError, match="cancel each other"):
        ask(search, "red -red")


def test_a_photo_that_is_gone_is_a_sentence(search):
    with pytest.raises(QueryError, match="no longer in the catalogue"):
        search.answer(Query(terms=(PhotoTerm(photo_id=987654),)))


def test_vectors_of_terms_are_of_unit_length(search):
    vector = search.vector_of((TextTerm(text="red", weight=2.0), TextTerm(text="blue", weight=-0.5)))
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_a_new_photo_answers_the_next_question(search, library, paint):
    paint(library.folder / "c" / "violet.jpg", "violet")
    library.index()
    assert names(ask(search, "violet"))[0] == "violet"


def test_a_deleted_photo_answers_no_more(search, library, photos):
    assert names(ask(search, "red"))[0] == "red"
    photos["red"].unlink()
    library.index()
    assert "red" not in names(ask(search, "red"))


def test_a_rebuilt_catalogue_and_index_give_the_same_answers(library, paint, search):
    """P14: 200 questions, the ten best of each, before and after."""
    chance = np.random.default_rng(5)
    words = ["red", "green", "blue", "yellow", "white", "black", "violet", "grey"]
    for number in range(40):
        path = paint(library.folder / "many" / f"{number}.png", words[number % 8], size=(40 + number, 30))
        with Image.open(path) as image:
            mixed = Image.blend(image, Image.effect_noise(image.size, 120).convert("RGB"), chance.uniform(0.1, 0.8))
        mixed.save(path, "PNG")
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    library.index()
    questions = [" and ".join(chance.choice(words, chance.integers(1, 4), replace=False)) for _ in range(200)]

    def best_ten(asked):
        return [[(hit.photo.photo_id, hit.score) for hit in ask(asked, text, limit=10).hits] for text in questions]

    before = best_ten(search)
    library.catalog.rebuild()
    again = EmbeddedIndex(
        library.base / "another",
        CatalogVectors(library.catalog),
        library.embedder.model_id,
        library.embedder.dim,
        catalogue_id=library.catalog.generation,
    )
    try:
        rebuilt = Search(catalog=library.catalog, index=again, embedder=library.embedder, decoder=lambda: library.decoder)
        assert best_ten(rebuilt) == before
    finally:
        again.close()
    assert all(len(answer) == 10 for answer in before)
