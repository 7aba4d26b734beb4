# SPDX-License-Identifier: Apache-2.0
"""What bringing a list would do, decided from its file and the list there is: nothing is written, no clock read."""

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators import files
from giamsat_collector.indicators.exchange import exchanged
from giamsat_collector.indicators.files import CONFIDENCE, ENTRIES, Standing, Taken
from giamsat_collector.indicators.indicator import Indicator
from giamsat_collector.indicators.packing import packed as pack

FILE_BYTES: Final = 64 << 20
EXPIRES_DAYS: Final = 180
"""For how long an entry counts that does not say so itself: addresses change hands."""
LONGEST_DAYS: Final = 1_095
RENEWED_DAYS: Final = 7
SHOWN: Final = 20
"""So many values that come or go are told one by one."""
CERTAIN: Final = 75
_NAME: Final = re.compile(r"\A[a-z0-9][a-z0-9._-]{0,63}\Z")
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list somebody brings. `renewed_days` 0: no newer one is expected. `lenient`: what is wrong is left out."""

    name: str
    source: str = ""
    document: str = ""
    expires_days: int = EXPIRES_DAYS
    renewed_days: int = RENEWED_DAYS
    confidence: int = CERTAIN
    lenient: bool = False

    def __post_init__(self) -> None:
        """Be right.

        Raises:
            RefusedError: it is not.
        """
        if not _NAME.match(self.name):
            raise RefusedError(f"{self.name[:80]!r} is no name of a list: small letters, digits, . - _; at most 64")
        if not 1 <= self.expires_days <= LONGEST_DAYS or not 0 <= self.renewed_days <= LONGEST_DAYS:
            raise RefusedError(
                f"entries count for 1 to {LONGEST_DAYS} days; a list is renewed within as many, or never"
            )
        if not 1 <= self.confidence <= CONFIDENCE:
            raise RefusedError(f"confidence is a whole number from 1 to {CONFIDENCE}")
        if max(len(self.source), len(self.document)) > files.TEXT:
            raise RefusedError(f"source and document have at most {files.TEXT} characters each")


@dataclass(frozen=True, slots=True)
class Change:
    """What a list would be, `kept` as `packing` has it, and how that differs from what it is."""

    entries: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    coming: tuple[str, ...] = ()
    going: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    kept: bytes = field(default=b"", repr=False)

    def as_json(self) -> dict[str, Any]:
        """The change without its entries."""
        return {
            "entries": self.entries,
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "unchanged": self.entries - self.added - self.changed,
            "coming": list(self.coming),
            "going": list(self.going),
            "left_out": dict(self.left_out),
            "problems": list(self.problems),
        }

    @classmethod
    def of_json(cls, said: Mapping[str, Any], kept: bytes) -> "Change":
        """The change that `as_json` told, with the list as it is kept."""
        return cls(
            entries=said["entries"],
            added=said["added"],
            removed=said["removed"],
            changed=said["changed"],
            coming=tuple(said["coming"]),
            going=tuple(said["going"]),
            left_out=said["left_out"],
            problems=tuple(said["problems"]),
            kept=kept,
        )


def change(packed: bytes, wanted: Wanted, before: Iterable[Indicator], now_s: int) -> Change:
    """What a file, compressed by zlib, would make of a list. With problems it makes nothing, unless it may."""
    taken = Taken(Standing(now_s, now_s + wanted.expires_days * _DAY, wanted.confidence), wanted.lenient)
    _read(packed, taken)
    if not taken.entries and not taken.problems:
        taken.problem("file", "not one entry that counts; 'indicators remove' takes a list away")
    if wanted.lenient and taken.entries:
        taken.left_out["wrong"] += taken.wrong
        taken.problems.clear()
    left_out = {reason: count for reason, count in taken.left_out.items() if count}
    if taken.problems:
        return Change(left_out=left_out, problems=tuple(map(str, taken.problems)))
    changed, going = 0, []
    coming = dict(taken.entries)
    for old in before:
        key = old.kind, old.value
        new = coming.pop(key, None)
        if new is None:
            going.append(old.value)
        else:
            changed += _said(old) != _said(new)
            taken.entries[key] = replace(new, since=min(old.since, new.since))
    return Change(
        entries=len(taken.entries),
        added=len(coming),
        removed=len(going),
        changed=changed,
        coming=tuple(value for _, value in list(coming)[:SHOWN]),
        going=tuple(going[:SHOWN]),
        left_out=left_out,
        kept=pack(taken.entries.values()),
    )


def must_have_room(name: str, entries: int, others: Mapping[str, int], most_lists: int) -> None:
    """Do nothing if a list of so many entries fits beside the others.

    Raises:
        RefusedError: it does not.
    """
    rest = {other: count for other, count in others.items() if other != name}
    if len(rest) >= most_lists:
        raise RefusedError(f"there are {most_lists} lists already; take one away with 'indicators remove'")
    if entries + sum(rest.values()) > ENTRIES:
        raise RefusedError(
            f"all lists together may have {ENTRIES} entries, and would have {entries + sum(rest.values())}; take an "
            "old one away with 'indicators remove', or bring fewer"
        )


def _read(packed: bytes, taken: Taken) -> None:
    try:
        raw = zlib.decompressobj().decompress(packed, FILE_BYTES + 1)
    except zlib.error:
        taken.problem("file", "cannot be unpacked; send it again")
        return
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        taken.problem(f"line {raw[: error.start].count(10) + 1}", "not UTF-8; save the file as UTF-8")
        return
    if len(raw) > FILE_BYTES:
        taken.problem("file", f"larger than {FILE_BYTES >> 20} MiB; make two lists of it")
    elif text.lstrip()[:1] in {"{", "["}:
        exchanged(text, taken)
    elif files.is_table(text):
        files.table(text, taken)
    else:
        files.lines(text, taken)


def _said(entry: Indicator) -> tuple[int, str, str]:
    """What makes an entry another one: not how long it counts, which is new each time it is brought."""
    return entry.confidence, entry.source, entry.comment
