# SPDX-License-Identifier: Apache-2.0
"""One page per host in Prometheus' text format, from the newest samples.

The text before each value (name, labels, escapes) is made once per series; a page is put together when it is first
asked for after its samples came, and kept until the next ones come. Format: Prometheus text exposition 0.0.4.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from sys import getsizeof
from typing import Final

from giamsat_wire import limits
from giamsat_wire.catalogue import MetricType
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.exposition import heading, number, series
from giamsat_wire.record import Labels, Sample

HEADS_BYTES: Final = 16 << 20
"""Memory for the texts before values, of all hosts together; once it is full they are made anew."""
_HEAD: Final = 300
"""Bytes one takes beside its text."""


@dataclass(slots=True)
class _Page:
    """Where a host's newest samples are, received at `received_ns`, good for `good_ns`, and their text once made."""

    read: Callable[[], tuple[Sample, ...]]
    types: Mapping[str, MetricType]
    received_ns: int
    good_ns: int
    text: bytes | None = None


class HostPages:
    """The newest page of every host. A page is stale after 2.5 of its host's frame periods."""

    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}
        self._heads: dict[tuple[str, Labels], str] = {}
        self._heads_bytes = 0

    def update(
        self,
        asset: str,
        read: Callable[[], tuple[Sample, ...]],
        types: Mapping[str, MetricType],
        *,
        received_ns: int,
        period_s: float,
    ) -> None:
        """There are new samples of a host, which `read` gives."""
        good_ns = int(limits.STALE_PERIODS * period_s * SECOND_NS)
        self._pages[asset] = _Page(read, types, received_ns, good_ns)

    def page(self, asset: str, now_ns: int) -> bytes | None:
        """The page of a host; None when its samples are stale or were never seen."""
        page = self._pages.get(asset)
        if page is None or now_ns - page.received_ns > page.good_ns:
            return None
        if page.text is None:
            page.text = self._text(page)
        return page.text

    def samples(self, asset: str, now_ns: int) -> tuple[Sample, ...]:
        """The newest samples of a host; none when they are stale or were never seen."""
        page = self._pages.get(asset)
        return () if page is None or now_ns - page.received_ns > page.good_ns else page.read()

    def series(self, asset: str) -> int:
        """How many series the newest page of a host has."""
        page = self._pages.get(asset)
        return 0 if page is None else len(page.read())

    def forget(self, asset: str) -> None:
        """Drop the page of a host that is no longer watched."""
        self._pages.pop(asset, None)

    def _text(self, page: _Page) -> bytes:
        families: dict[str, list[str]] = {}
        for sample in page.read():
            lines = families.get(sample.name)
            if lines is None:
                declared = page.types.get(sample.name, MetricType.UNTYPED)
                lines = families[sample.name] = [heading(sample.name, declared)]
            lines.append(f"{self._head(sample)}{number(sample.value)}\n")
        return "".join(line for lines in families.values() for line in lines).encode()

    def _head(self, sample: Sample) -> str:
        key = (sample.name, sample.labels)
        head = self._heads.get(key)
        if head is None:
            head = f"{series(sample.name, sample.labels)} "
            size = _HEAD + getsizeof(head)
            if self._heads_bytes + size > HEADS_BYTES:
                self._heads.clear()
                self._heads_bytes = 0
            self._heads_bytes += size
            self._heads[key] = head
        return head
