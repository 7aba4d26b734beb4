# SPDX-License-Identifier: Apache-2.0
"""One page per host in Prometheus' text format, kept ready from the newest samples.

The text before each value (name, labels, escapes) is made once per series; a page is put together when its samples
arrive, so a scrape only hands out bytes. Format: Prometheus text exposition 0.0.4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from giamsat_wire import limits
from giamsat_wire.catalogue import MetricType
from giamsat_wire.exposition import heading, number, series
from giamsat_wire.record import Labels, Sample

_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Page:
    """The text of one host's page, made at `received_ns`, good for `good_ns`."""

    text: bytes
    received_ns: int
    good_ns: int
    series: int


class HostPages:
    """The newest page of every host. A page is stale after 2.5 of its host's frame periods."""

    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}
        self._heads: dict[tuple[str, Labels], str] = {}

    def update(
        self,
        asset: str,
        samples: Iterable[Sample],
        types: Mapping[str, MetricType],
        *,
        received_ns: int,
        period_s: float,
    ) -> None:
        """Replace the page of a host."""
        families: dict[str, list[str]] = {}
        for sample in samples:
            lines = families.get(sample.name)
            if lines is None:
                lines = families[sample.name] = [heading(sample.name, types.get(sample.name, MetricType.UNTYPED))]
            lines.append(f"{self._head(sample)}{number(sample.value)}\n")
        text = "".join(line for lines in families.values() for line in lines).encode()
        count = sum(len(lines) - 1 for lines in families.values())
        self._pages[asset] = _Page(text, received_ns, int(limits.STALE_PERIODS * period_s * _NS), count)

    def page(self, asset: str, now_ns: int) -> bytes | None:
        """The page of a host; None when its samples are stale or were never seen."""
        page = self._pages.get(asset)
        return None if page is None or now_ns - page.received_ns > page.good_ns else page.text

    def series(self, asset: str) -> int:
        """How many series the newest page of a host has."""
        page = self._pages.get(asset)
        return 0 if page is None else page.series

    def forget(self, asset: str) -> None:
        """Drop the page of a host that is no longer watched."""
        self._pages.pop(asset, None)

    def _head(self, sample: Sample) -> str:
        key = (sample.name, sample.labels)
        head = self._heads.get(key)
        if head is None:
            if len(self._heads) >= 100 * limits.SERIES_PER_AGENT:
                self._heads.clear()
            head = self._heads[key] = f"{series(sample.name, sample.labels)} "
        return head
