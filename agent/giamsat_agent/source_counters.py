# SPDX-License-Identifier: Apache-2.0
"""What each source has yielded since the agent started, and what became of it. The collector counts the other half."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from giamsat_wire import source
from giamsat_wire.record import Event, Sample
from giamsat_wire.source import Counts


class Tally:
    """Counts by source: at most `source.SOURCES` of them, those beyond together."""

    def __init__(self) -> None:
        self._counts: dict[str, Counts] = {}

    @property
    def counts(self) -> Mapping[str, Counts]:
        """What was counted so far."""
        return self._counts

    def produced(self, events: Iterable[Event]) -> None:
        """These go to the spool; what one of them stands for was only counted."""
        for event in events:
            name, counts = self._of(event)
            folded = source.folded(event)
            up = counts.up
            if event.kind in source.OPENED | source.LOST and name != source.OTHER:
                up = event.kind in source.OPENED
            self._counts[name] = Counts(counts.produced + 1 + folded, counts.throttled + folded, counts.dropped, up)

    def dropped(self, events: Iterable[Event]) -> None:
        """These were given up before they were in the spool."""
        for event in events:
            name, counts = self._of(event)
            self._counts[name] = replace(counts, dropped=counts.dropped + 1)

    def samples(self) -> Iterator[Sample]:
        """What goes along with the next reading."""
        return source.samples(self._counts)

    def _of(self, event: Event) -> tuple[str, Counts]:
        name = source.source_of(event)
        if name not in self._counts and len(self._counts) >= source.SOURCES:
            name = source.OTHER
        return name, self._counts.get(name, Counts())
