# SPDX-License-Identifier: Apache-2.0
"""Entries as bytes: one a line, its parts between tabs, zlib. No part holds a sign that cannot be printed."""

import io
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from giamsat_collector.indicators.indicator import Indicator, Kind

_LEVEL: Final = 1
"""zlib's fastest."""


def packed(entries: Iterable[Indicator]) -> bytes:
    """Entries as they are kept."""
    return zlib.compress("\n".join("\t".join(map(str, _parts(entry))) for entry in entries).encode(), _LEVEL)


def unpacked(lines: bytes) -> Iterator[Indicator]:
    """Entries as they were kept, one after the other."""
    for line in io.TextIOWrapper(io.BytesIO(zlib.decompress(lines) if lines else b""), "utf-8", newline="\n"):
        kind, value, since, until, confidence, source, comment = line.rstrip("\n").split("\t")
        yield Indicator(Kind(kind), value, int(since), int(until), int(confidence), source, comment)


def _parts(entry: Indicator) -> tuple[object, ...]:
    return (entry.kind, entry.value, entry.since, entry.until, entry.confidence, entry.source, entry.comment)
