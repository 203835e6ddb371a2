"""Why a file was not indexed: one word for people and scripts, and what can be done about it."""

from __future__ import annotations

from enum import StrEnum


class SkipReason(StrEnum):
    """Why a file was not indexed, in the words that people and scripts see."""

    EMPTY = "empty"
    NOT_AN_IMAGE = "not-an-image"
    DAMAGED = "damaged"
    TOO_LARGE = "too-large"
    UNSUPPORTED_FORMAT = "unsupported-format"
    NOT_A_REGULAR_FILE = "not-a-regular-file"
    LINK = "link"
    UNREADABLE = "unreadable"
    NOT_DOWNLOADED = "not-downloaded"
    IGNORED = "ignored"

    @property
    def remedy(self) -> str:
        """One sentence on what a person can do about it."""
        return _REMEDIES[self]


_REMEDIES = {
    SkipReason.EMPTY: "Copy the file again from where it came from; this copy holds nothing.",
    SkipReason.NOT_AN_IMAGE: "Nothing to do, unless this should be a photo: then its content was replaced by something else.",
    SkipReason.DAMAGED: "Copy the file again from the camera or a backup; it is tried again when it changes.",
    SkipReason.TOO_LARGE: "Make a smaller copy of the picture beside it.",
    SkipReason.UNSUPPORTED_FORMAT: "Convert it to JPEG, or install the decoder for this format.",
    SkipReason.NOT_A_REGULAR_FILE: "Nothing to do: this is not a file.",
    SkipReason.LINK: "Add the folder that the link points to, if its photos belong here.",
    SkipReason.UNREADABLE: "Give yourself the right to read it; it is tried again at the next scan.",
    SkipReason.NOT_DOWNLOADED: "Make it available offline in your cloud drive; it is indexed when it is here.",
    SkipReason.IGNORED: "Change the ignore patterns, if it belongs here.",
}
