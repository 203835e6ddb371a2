"""How well quoted words fit a photo: what it was given itself counts more than what its folder is called."""


def order_of(shelf, *texts):
    found = shelf.photos.text_relevance(texts)
    return shelf.names(sorted(found, key=lambda photo_id: (-found[photo_id], photo_id)))


def test_a_photos_own_name_counts_more_than_its_folders(shelf):
    shelf.index("canyon/a.jpg", "canyon.jpg", "other/b.jpg")
    assert order_of(shelf, "canyon") == ["canyon.jpg", "canyon/a.jpg"]


def test_only_photos_that_hold_all_phrases_are_judged(shelf):
    shelf.index("red boat.jpg", "red/boat.jpg", "boat.jpg")
    assert order_of(shelf, "red boat") == ["red boat.jpg"]
    assert sorted(order_of(shelf, "red", "boat")) == ["red boat.jpg", "red/boat.jpg"]


def test_signs_alone_judge_nothing(shelf):
    shelf.index("a.jpg")
    assert shelf.photos.text_relevance(["..."]) == {}
    assert shelf.photos.text_relevance([]) == {}


def test_alike_is_alike_to_the_last_digit(shelf):
    shelf.index("trip/a 1.jpg", "trip/b 2.jpg", "trip/c 3.jpg")
    assert len(set(shelf.photos.text_relevance(["trip"]).values())) == 1


def test_of_some_photos_alone_it_is_what_it_is_among_all(shelf):
    shelf.index("trip/one.jpg", "trip/two trip.jpg", "trip/three.jpg")
    everything = shelf.photos.text_relevance(["trip"])
    some = sorted(everything)[:2]
    assert shelf.photos.text_relevance(["trip"], some) == {photo_id: everything[photo_id] for photo_id in some}
    assert shelf.photos.text_relevance(["trip"], []) == {}
