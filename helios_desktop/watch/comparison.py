"""KNOWN + FOUND -> DELTA: what changed below one root or several since it was last recorded. Pure: no file is touched.

In: what a scan found and what the catalogue remembers. Out: a ``ScanDelta`` per root. A file is the same while its path, size,
mtime and inode are; it was moved where (device, inode, size, mtime) turn up under another path, so that renamed files and
folders, swapped names and files moved between roots keep their row. Nothing counts as vanished where the scan could not look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from helios_desktop.domain import FoundFile, KnownFile, MovedFile, PhotoState, ScanDelta, SkipReason
from helios_desktop.watch.scanner import SEPARATOR, ScanOutcome

RETRIED_REASONS = frozenset(
    {
        SkipReason.EMPTY,
        SkipReason.LINK,
        SkipReason.NOT_A_REGULAR_FILE,
        SkipReason.NOT_DOWNLOADED,
        SkipReason.UNREADABLE,
    }
)
"""Skipped for these, a file is tried again as soon as a scan finds no reason any more, though size and mtime are the same."""

_JUDGED_BY_SCAN = RETRIED_REASONS | {SkipReason.UNSUPPORTED_FORMAT}

_Key = tuple[object, ...]


def compare(outcome: ScanOutcome, known: Iterable[KnownFile], *, retried: frozenset[SkipReason] = RETRIED_REASONS) -> ScanDelta:
    """Return what changed below one root. ``known`` may hold the whole root: only what the scan looked at is considered.

    ``retried``: add ``UNSUPPORTED_FORMAT`` for one scan after a decoder was installed or removed.
    """
    return compare_together([(outcome, known)], retried=retried)[0]


def compare_together(
    scans: Sequence[tuple[ScanOutcome, Iterable[KnownFile]]], *, retried: frozenset[SkipReason] = RETRIED_REASONS
) -> list[ScanDelta]:
    """Return one delta per scan, in their order, with moves from one to another found too.

    A file moved from one root (or one rescanned folder) into another is in ``moved`` of the delta where it lies now, and in
    no ``vanished``; so all of these deltas have to be recorded. A scan whose folder lies in that of another scan of the same
    root adds nothing to it and gets an empty delta.
    """
    parts = [_Part(outcome, retried) for outcome, _ in scans]
    for at, (part, (_, known)) in enumerate(zip(parts, scans, strict=True)):
        others = (other for n, (other, _) in enumerate(scans) if n != at)
        earlier = (other for other, _ in scans[:at])
        if not (any(_covers(one, part.outcome) for one in others) or any(_equals(one, part.outcome) for one in earlier)):
            part.match(known)
    _pair(parts, _identity_of_source, _identity_of_target)
    _pair(parts, _spelling_of_source, _spelling_of_target)
    return [part.delta() for part in parts]


def _covers(one: ScanOutcome, other: ScanOutcome) -> bool:
    """Whether ``one`` looked at more than ``other``, and at all that ``other`` did."""
    if one.root != other.root or not one.is_recursive:
        return False
    return not other.is_recursive if one.below == other.below else other.below.startswith(_folder_prefix(one.below))


def _equals(one: ScanOutcome, other: ScanOutcome) -> bool:
    return (one.root, one.below, one.is_recursive) == (other.root, other.below, other.is_recursive)


@dataclass(slots=True)
class _Replaced:
    """A path that is known and found, whose file is not the one it was."""

    known: KnownFile
    found: FoundFile


@dataclass(slots=True)
class _Part:
    """One scan against its root's known files, on the way to its delta."""

    outcome: ScanOutcome
    retried: frozenset[SkipReason]
    new: dict[bytes, FoundFile] = field(default_factory=dict)
    missing: dict[int, KnownFile] = field(default_factory=dict)
    replaced: list[_Replaced] = field(default_factory=list)
    renumbered: dict[int, int] = field(default_factory=dict)
    moved: list[MovedFile] = field(default_factory=list)
    moved_away: set[int] = field(default_factory=set)
    taken: set[bytes] = field(default_factory=set)
    sidecars: list[FoundFile] = field(default_factory=list)

    def match(self, known: Iterable[KnownFile]) -> None:
        """Sort the known files into the same, the replaced and the missing; what stays in ``new`` is new."""
        self.new = {found.stat.path: found for found in self.outcome.found}
        for before in self._looked_at(known):
            found = self.new.pop(before.stat.path, None)
            if found is None:
                self.missing[before.photo_id] = before
            elif not _is_same(before, found, self.retried):
                self.replaced.append(_Replaced(before, found))
            else:
                if before.stat.device != found.stat.device:
                    self.renumbered[before.stat.device] = found.stat.device
                if before.stat.sidecar != found.stat.sidecar:
                    self.sidecars.append(found)

    def sources(self) -> Iterator[KnownFile]:
        """Yield the known files that are not where they were, and may be somewhere else."""
        if self.outcome.is_complete:
            yield from (known for known in self.missing.values() if known.photo_id not in self.moved_away)
            yield from (one.known for one in self.replaced if one.known.photo_id not in self.moved_away)

    def targets(self) -> Iterator[FoundFile]:
        """Yield the found files that may have been somewhere else."""
        yield from (found for path, found in self.new.items() if path not in self.taken)
        yield from (one.found for one in self.replaced if one.found.stat.path not in self.taken)

    def delta(self) -> ScanDelta:
        """Return what is left after the moves were taken out."""
        added = [found for path, found in self.new.items() if path not in self.taken]
        changed: list[FoundFile] = []
        vanished = [known.photo_id for known in self.missing.values() if self._has_vanished(known)]
        for one in self.replaced:
            is_taken = one.found.stat.path in self.taken
            has_left = one.known.photo_id in self.moved_away
            if is_taken and not has_left:
                vanished.append(one.known.photo_id)
            elif has_left and not is_taken:
                added.append(one.found)
            elif not is_taken:
                changed.append(one.found)
        return ScanDelta(
            added=tuple(added),
            changed=tuple(changed),
            moved=tuple(self.moved),
            vanished=tuple(vanished),
            sidecars=tuple(self.sidecars),
        )

    def _looked_at(self, known: Iterable[KnownFile]) -> Iterator[KnownFile]:
        """Yield the known files that the scan would have met, had they been there."""
        outcome = self.outcome
        below = outcome.below
        prefix = _folder_prefix(below)
        blind = tuple(_folder_prefix(folder) for folder in outcome.unreadable_folders)
        is_whole = below == outcome.root and outcome.is_recursive and not blind
        for one in known:
            path = one.stat.path
            if is_whole:
                yield one
            elif not (path == below or path.startswith(prefix)) or path.startswith(blind):
                continue
            elif outcome.is_recursive or SEPARATOR not in path[len(prefix) :]:
                yield one

    def _has_vanished(self, known: KnownFile) -> bool:
        """Whether a missing file is gone for good: its device is here, and nothing says that it only lies elsewhere."""
        if not self.outcome.is_complete or known.photo_id in self.moved_away:
            return False
        if not self.outcome.is_recursive and _is_folder_row(known) and known.stat.path != self.outcome.below:
            return False  # a folder that could not be listed, and was not asked for now
        device = known.stat.device
        # A drive mounted inside the root may be away: its device number is not met, and no file shows that it was renumbered.
        return device == 0 or device in self.outcome.devices or device in self.renumbered


def _is_folder_row(known: KnownFile) -> bool:
    """Whether this row stands for a folder that could not be listed: only a scan that would list it can say more."""
    return known.reason is SkipReason.UNREADABLE and known.stat.inode == 0 and known.stat.mtime_ns == 0


def _is_same(known: KnownFile, found: FoundFile, retried: frozenset[SkipReason]) -> bool:
    before, after = known.stat, found.stat
    if before.size != after.size or before.mtime_ns != after.mtime_ns:
        return False
    if before.device == after.device and before.inode != after.inode and before.inode and after.inode:
        return False  # another file under the same name, size and time
    if found.reason is None:
        return known.reason not in retried
    if found.reason is SkipReason.NOT_DOWNLOADED and known.state is PhotoState.INDEXED:
        return True  # the cloud drive took the content back; what was learned of it still holds
    return found.reason is known.reason


def _can_be(known: KnownFile, found: FoundFile) -> bool:
    """Whether the row of ``known`` would say the truth about ``found``: a move carries the state along, not a new reason."""
    if found.reason is None:
        return known.reason not in _JUDGED_BY_SCAN
    return found.reason is known.reason


_SourceKey = Callable[[_Part, KnownFile], _Key | None]
_TargetKey = Callable[[FoundFile], _Key | None]


def _pair(parts: Sequence[_Part], source_key: _SourceKey, target_key: _TargetKey) -> None:
    """Join missing and new files of equal key. Equal keys within a group mean equal content, so any pairing is right there;
    the same name is preferred, for hard links that moved together.
    """
    sources: defaultdict[_Key, list[tuple[_Part, KnownFile]]] = defaultdict(list)
    for part in parts:
        for known in part.sources():
            if (key := source_key(part, known)) is not None:
                sources[key].append((part, known))
    if not sources:
        return
    for part in parts:
        matched = [found for found in part.targets() if target_key(found) in sources]
        for found in sorted(matched, key=lambda one: one.stat.path):
            group = sources[target_key(found) or ()]
            fitting = [pair for pair in group if _can_be(pair[1], found)]
            if not fitting:
                continue
            chosen = next((pair for pair in fitting if _name(pair[1].stat.path) == _name(found.stat.path)), fitting[0])
            group.remove(chosen)
            chosen[0].moved_away.add(chosen[1].photo_id)
            part.taken.add(found.stat.path)
            part.moved.append(MovedFile(photo_id=chosen[1].photo_id, stat=found.stat))


def _identity_of_source(part: _Part, known: KnownFile) -> _Key | None:
    facts = known.stat
    if facts.inode == 0:
        return None
    return (part.renumbered.get(facts.device, facts.device), facts.inode, facts.size, facts.mtime_ns)


def _identity_of_target(found: FoundFile) -> _Key | None:
    facts = found.stat
    return (facts.device, facts.inode, facts.size, facts.mtime_ns) if facts.inode else None


def _spelling_of_source(_part: _Part, known: KnownFile) -> _Key | None:
    """Where inodes do not last (FAT, some network drives), at least a change of case alone is recognised as a rename."""
    facts = known.stat
    return (facts.path.lower(), facts.size, facts.mtime_ns) if facts.inode == 0 else None


def _spelling_of_target(found: FoundFile) -> _Key | None:
    facts = found.stat
    return (facts.path.lower(), facts.size, facts.mtime_ns) if facts.inode == 0 else None


def _folder_prefix(folder: bytes) -> bytes:
    return folder if folder.endswith(SEPARATOR) else folder + SEPARATOR


def _name(path: bytes) -> bytes:
    return path.rpartition(SEPARATOR)[2]
