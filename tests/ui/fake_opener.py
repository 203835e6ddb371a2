"""Stands for the desktop: writes down what it was asked to open."""

from __future__ import annotations


class FakeOpener:
    def __init__(self) -> None:
        self.opened: list[bytes] = []
        self.shown: list[bytes] = []
        self.pages: list[str] = []
        self.is_working = True

    def open(self, path: bytes) -> bool:
        self.opened.append(path)
        return self.is_working

    def show_in_folder(self, path: bytes) -> bool:
        self.shown.append(path)
        return self.is_working

    def open_page(self, url: str) -> bool:
        self.pages.append(url)
        return self.is_working
