"""The page in real browsers: type, see, open, go on by likeness, by a picture, by the keyboard alone, on a phone."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys
from web.browsers import Page, start_chromium, start_firefox

from helios_desktop.domain import Hit, Photo, PhotoState, SearchResult

CAT, DOG, CUP = "IMG_0112.jpg", "IMG_0101.jpg", "IMG_0107.jpg"
MANY = 10_000
MORE_OR_LAST = """return window.scrollY + window.innerHeight < document.documentElement.scrollHeight - 500
    || document.querySelector(`.tile[data-index='${arguments[0]}']`) !== null"""


@pytest.fixture(scope="module")
def chromium():
    driver = start_chromium()
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def firefox():
    driver = start_firefox()
    yield driver
    driver.quit()


@pytest.fixture(params=["chromium", "firefox"])
def anywhere(request, serve):
    """The page in each browser."""
    server, _ = serve(allows_favourites=True)
    page = Page(request.getfixturevalue(request.param), server.address)
    yield page
    page.driver.get("about:blank")  # its streams end before the server does


@pytest.fixture
def page(chromium, serve):
    server, _ = serve()
    page = Page(chromium, server.address)
    page.resize(1280, 800)
    yield page
    page.driver.get("about:blank")


def grab(page, name):
    """Save a picture of the page where somebody wants to look at it: HELIOS_GRABS=FOLDER."""
    folder = os.environ.get("HELIOS_GRABS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.driver.save_screenshot(str(Path(folder) / f"page-{name}.png"))


def test_type_see_open_and_go_on_by_likeness(anywhere):
    page = anywhere
    page.open()
    assert "newest first" in page.text("#news")
    page.search("a cat on a chair", CAT)
    page.until(lambda: "good answer" in page.text("#news"))
    assert page.driver.current_url.endswith("/?q=a+cat+on+a+chair")
    page.find(".tile button").click()
    page.until(lambda: page.viewed() == CAT)
    page.until(lambda: "451 × 300" in page.text("#viewer-facts"))
    assert "Holiday photos/samples" in page.text("#viewer-facts")
    page.until(lambda: "/preview" in page.find("#viewer-picture").get_attribute("src"))
    page.find("#viewer-similar").click()
    page.until(lambda: not page.is_open() and CAT not in page.names() and page.names())
    assert page.text("#chips") == "Like one photo"
    page.driver.back()
    page.until(lambda: page.names()[:1] == [CAT])
    assert page.find("#box").get_attribute("value") == "a cat on a chair"


def test_chips_say_what_was_understood_and_go_away(anywhere):
    page = anywhere
    page.open("/?q=" + "cat+-dog+after:2019")
    page.until(lambda: len(page.text("#chips").splitlines()) == 3)
    assert page.text("#chips").splitlines() == ["cat", "not dog", "from 2019"]
    page.script("document.querySelectorAll('.chip')[1].click()")
    page.until(lambda: page.text("#chips").splitlines() == ["cat", "from 2019"])
    assert page.find("#box").get_attribute("value") == "cat after:2019"


def test_everything_can_be_done_by_the_keyboard_alone(anywhere):
    page = anywhere
    page.open("/?q=a+cat")
    page.until(lambda: page.names()[:1] == [CAT])
    page.script("document.activeElement.blur()")
    page.find("body").send_keys("/")
    page.until(lambda: page.focused() == "box")
    page.press(Keys.ARROW_DOWN)
    assert page.focused() == CAT
    names = page.names()
    page.press(Keys.ARROW_RIGHT)
    assert page.focused() == names[1]
    page.press(Keys.END)
    assert page.focused() == page.names()[-1]
    page.press(Keys.HOME, Keys.ENTER)
    page.until(lambda: page.viewed() == CAT)
    page.until(lambda: page.focused() == "Close")
    page.press(Keys.ARROW_RIGHT)
    page.until(lambda: page.viewed() == names[1])
    page.press(Keys.TAB, Keys.TAB, Keys.TAB, Keys.TAB)
    assert page.script(
        "return document.querySelector('#viewer').contains(document.activeElement) || document.activeElement === document.body"
    )
    page.find("#viewer-close").send_keys(Keys.ESCAPE)
    page.until(lambda: not page.is_open())
    page.until(lambda: page.focused() == names[1])  # a browser tells of the end a moment later


def test_a_favourite_is_marked_and_stays(anywhere, library, id_of):
    page = anywhere
    page.open("/?q=a+cat")
    page.until(lambda: page.names()[:1] == [CAT])
    page.find(".tile button").click()
    page.until(lambda: page.find("#viewer-favourite").is_displayed())
    page.find("#viewer-favourite").click()
    page.until(lambda: page.find("#viewer-favourite").get_attribute("aria-pressed") == "true")
    try:
        assert library.photos([id_of[CAT]])[0].is_favourite
        page.find("#viewer-close").click()
        page.until(lambda: page.names()[:1] == [f"{CAT}, Favourite"])
    finally:
        library.marks.favourite(id_of[CAT], False)


@pytest.mark.parametrize("way", ["drop", "paste", "choose"])
def test_a_picture_of_ones_own_finds_photos_like_it(page, photos, way):
    page.open()
    picture = photos / "samples" / CAT
    if way == "choose":
        page.find("#picture").send_keys(str(picture))
    else:
        getattr(page, way)(picture)
    page.until(lambda: page.names()[:1] == [CAT])
    assert page.text("#chips") == "Like your picture"
    assert not page.find("#drop").is_displayed()
    page.find(".chip").click()
    page.until(lambda: "newest first" in page.text("#news"))


def test_nothing_serious_stands_in_the_way_of_a_screen_reader(page):
    for dark in (False, True):
        page.resize(1280, 800, dark=dark)
        page.open("/?q=a+cat+-dog")
        page.until(lambda: page.names()[:1] == [CAT])
        assert page.serious() == []
        grab(page, f"search-{'dark' if dark else 'light'}")
        page.find(".tile button").click()
        page.until(lambda: "451" in page.text("#viewer-facts"))
        assert page.serious() == []
        grab(page, f"viewer-{'dark' if dark else 'light'}")
        for other in ("/docs", "/pair"):
            page.driver.get(page.address + other)
            page.until(lambda: page.find("h1").text)
            assert page.serious() == [] or other == "/pair"
    assert page.complaints() == []


@pytest.mark.parametrize(("width", "height", "scale"), [(360, 740, 2), (768, 1024, 1), (3840, 2160, 1)])
def test_it_fits_from_a_phone_to_a_wall(page, width, height, scale):
    page.resize(width, height, scale)
    page.open("/?q=a+cat+-dog")
    page.until(lambda: page.names()[:1] == [CAT])
    assert page.script("return document.documentElement.scrollWidth <= window.innerWidth")
    small = page.script(
        "return [...document.querySelectorAll('header button, header select, .chip')].filter((one) => one.offsetHeight &&"
        " (one.offsetHeight < 36 || one.offsetWidth < 36)).length"
    )
    assert small == 0
    grab(page, f"search-{width}")
    page.script("document.querySelector('.tile button').click()")
    page.until(lambda: "451" in page.text("#viewer-facts"))
    assert page.script("return document.querySelector('#viewer').scrollWidth <= window.innerWidth")
    grab(page, f"viewer-{width}")


def test_it_says_what_is_wrong_and_what_to_do(page, serve):
    page.open("/?q=cat+-cat")
    page.until(page.is_empty)
    assert "cancel" in page.text("#empty-text")
    assert page.text("#empty-remedy")
    page.open("/?q=%22no+such+name+anywhere%22")
    assert page.text("#empty-text") == "Nothing found."
    page.open()
    page.script("window.fetch = () => Promise.reject(new TypeError('no network'))")
    page.type("boat")
    page.until(page.is_empty)
    assert page.text("#empty-text") == "The search service does not answer."
    grab(page, "away")


class _Elsewhere:
    """The library, with photos of Unsplash beside it."""

    def __init__(self, library):
        self._library = library

    def __getattr__(self, name):
        return getattr(self._library, name)

    @property
    def libraries(self):
        return self

    def all(self):
        from helios_desktop.domain import Library, ModelId

        return [Library(name="unsplash", number=1, model_id=ModelId("m"), dim=4, count=20)]

    def is_installed(self, library):
        return True

    def named_count(self, kind):
        return None

    def named_search(self, query, kind):
        return None

    def search(self, query):
        if query.library != "unsplash":
            return self._library.search(query)
        hits = []
        for number in range(20):
            page = f"https://unsplash.com/photos/p{number}/"
            photo = Photo(
                photo_id=500 + number, root_id=0, path=b"", display=page, size=0, mtime_ns=0, state=PhotoState.INDEXED,
                url=f"{page}download", source_url=page,
            )  # fmt: skip
            hits.append(Hit(photo=photo, score=0.3 - number / 100))
        found = self._library.search(replace(query, library="photos"))
        return SearchResult(
            hits=tuple(hits), total=20, elapsed_seconds=0.01, model_id=found.model_id, engine="embedded", line=None
        )


def test_unsplash_shows_sources_and_a_plate_where_its_pictures_do_not_come(chromium, serve, library):
    server, _ = serve(_Elsewhere(library))
    page = Page(chromium, server.address)
    page.resize(1280, 800)
    page.open()
    page.until(lambda: page.find("#library").is_displayed())
    assert page.script("return [...document.querySelector('#library').options].map((one) => one.text)") == [
        "Your photos",
        "Unsplash",
    ]
    page.script(
        "const one = document.querySelector('#library'); one.value = 'unsplash'; one.dispatchEvent(new Event('change'))"
    )
    page.until(page.is_empty)
    page.script(
        "window.asked = []; new PerformanceObserver((list) => window.asked.push(...list.getEntries().map((one) => one.name)))"
        ".observe({type: 'resource'})"
    )
    page.type("a boat")
    page.until(lambda: page.script("return document.querySelectorAll('.tile .plate').length") >= 6)
    assert (
        page.script("return document.querySelector('.plate').textContent")
        == "The picture is on unsplash.com, which does not answer."
    )
    link = page.find("a.source")
    assert (link.get_attribute("href"), link.get_attribute("rel")) == ("https://unsplash.com/photos/p0/", "noopener noreferrer")
    assert "https://unsplash.com/photos/p0/download?w=640" in page.script("return window.asked")
    assert page.serious() == []
    grab(page, "unsplash")
    page.find(".tile button").click()
    page.until(lambda: page.find("#viewer-source").is_displayed() and page.find("#viewer-plate").is_displayed())
    grab(page, "unsplash-viewer")
    page.driver.get("about:blank")


class _Many:
    """The library as if it held 10,000 photos."""

    def __init__(self, library, ids):
        self._library = library
        self._base = library.photos(ids)

    def __getattr__(self, name):
        return getattr(self._library, name)

    def browse(self, wanted):
        return np.arange(1, MANY + 1)

    def photos(self, ids):
        return [replace(self._base[one % len(self._base)], photo_id=one) for one in ids]


def test_ten_thousand_photos_are_scrolled_with_a_few_hundred_elements(chromium, serve, library, id_of):
    server, _ = serve(_Many(library, sorted(id_of.values())))
    page = Page(chromium, server.address)
    page.resize(1280, 800)
    page.open()
    most = 0
    while True:
        page.script("window.scrollTo(0, document.documentElement.scrollHeight)")
        count, last = page.script(
            "const tiles = [...document.querySelectorAll('.tile')];"
            "return [tiles.length, Math.max(...tiles.map((one) => Number(one.dataset.index)))]"
        )
        most = max(most, count)
        if last == MANY - 1:
            break
        page.until(lambda: page.script(MORE_OR_LAST, MANY - 1))
    assert most < 400
    frames = page.driver.execute_async_script("""
        const done = arguments[arguments.length - 1]; const times = []; let last = performance.now(); let count = 0;
        const step = (now) => {
          times.push(now - last); last = now; window.scrollBy(0, -400);
          if ((count += 1) < 120) requestAnimationFrame(step); else done(times.sort((a, b) => a - b));
        };
        requestAnimationFrame(step);""")
    print(f"frames while scrolling: median {frames[60]:.1f} ms, p95 {frames[114]:.1f} ms")
    assert page.script("return document.querySelectorAll('.tile').length") < 400
    assert page.script("return document.querySelector('.tile').getAttribute('aria-setsize')") == str(MANY)
    page.driver.get("about:blank")


def test_a_phone_is_paired_by_what_the_code_says_and_sees_the_photos(chromium, serve):
    server, _ = serve(is_lan=True, host="0.0.0.0")
    from helios_desktop.web.addresses import own_addresses

    if not own_addresses():
        pytest.skip("this computer has no address but its own")
    page = Page(chromium, server.address)
    page.resize(360, 740, 2)
    page.driver.get(server.address)
    page.until(lambda: page.driver.current_url.endswith("/pair"))
    assert "Scan the code" in page.text("#text")
    page.driver.get(server.pairing_address)
    page.driver.refresh()  # a second visit of one page with another # loads nothing
    page.driver.get("about:blank")
    page.driver.get(server.pairing_address)
    page.until(lambda: page.find("#form").is_displayed())
    assert "#" not in page.driver.current_url
    grab(page, "pair")
    page.find("#form button").click()
    page.until(page.names)
    assert page.script("return document.cookie") == ""
    assert [device.name for device in server.devices.all()] == ["Linux"]
    server.devices.revoke("all")
    page.driver.get(server.address)
    page.until(lambda: page.driver.current_url.endswith("/pair"))
    page.driver.get("about:blank")


def test_it_can_be_put_on_the_home_screen(page):
    page.open()
    told = page.driver.execute_cdp_cmd("Page.getAppManifest", {})
    assert told["errors"] == []
    faults = page.driver.execute_cdp_cmd("Page.getInstallabilityErrors", {})
    assert [one["errorId"] for one in faults["installabilityErrors"]] in ([], ["in-incognito"])


@pytest.mark.parametrize(("language", "hint"), [("fr", "Que voit-on sur la photo ?"), ("de", "Was ist auf dem Foto?")])
def test_it_speaks_french_and_german(page, language, hint):
    page.driver.execute_cdp_cmd("Emulation.setUserAgentOverride", {"userAgent": "Test", "acceptLanguage": language})
    try:
        page.open()
        assert page.find("#box").get_attribute("placeholder") == hint
        assert page.script("return document.documentElement.lang") == language
    finally:
        page.driver.execute_cdp_cmd("Emulation.setUserAgentOverride", {"userAgent": "Test", "acceptLanguage": "en"})


def test_no_language_lacks_a_sentence():
    import re

    from helios_desktop.paths import resources_dir

    text = (resources_dir() / "web" / "words.js").read_text(encoding="utf-8")
    blocks = re.findall(r"^  (\w\w): \{(.*?)^  \},", text, re.MULTILINE | re.DOTALL)
    keys = {name: set(re.findall(r'(?:^|[\s,{])"?(\w+)"?: "', block)) for name, block in blocks}
    assert set(keys) == {"en", "fr", "de"}
    assert keys["en"] == keys["fr"] == keys["de"]
