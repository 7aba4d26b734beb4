# SPDX-License-Identifier: Apache-2.0
"""Which stretches of readings can be held against the conditions of rules before they are judged, many at once.

Those whose times are believed, whose host stands in one place and is judged by one profile in all of them. Any others
are judged one by one, to the same end.
"""

from collections.abc import Sequence
from itertools import groupby

import structlog

from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.readings.chains import Opened
from giamsat_collector.readings.conditions import Asked, Conditions
from giamsat_collector.readings.stretch import Part
from giamsat_collector.silence.silences import Places
from giamsat_rules.engine import Engine
from giamsat_wire.codec import Readings

log = structlog.get_logger()


class Asking:
    """Asks which conditions readings meet; `places` says how their hosts are to be judged."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._conditions = Conditions()

    def ask(self, engine: Engine, batch: Sequence[StoredFrame], opened: Sequence[Opened]) -> None:
        """Note in the sets of frames what the readings of their stretch meet."""
        frames: dict[int, list[tuple[StoredFrame, Part]]] = {}
        for stored, one in zip(batch, opened, strict=True):
            if isinstance(one.content, Readings) and isinstance(sets := one.content.sets, Part):
                frames.setdefault(id(sets.stretch), []).append((stored, sets))
        try:
            found = {at: asked for at, its in frames.items() if (asked := self._asked(engine, its)) is not None}
            for _, its in groupby(found.values(), lambda asked: id(asked.stretch.cells)):
                self._conditions.ask(list(its))
        except Exception:  # they are judged one by one, so that it ends in a frame alone
            log.exception("readings_not_asked_together")
            return
        for at, asked in found.items():
            for _, sets in frames[at]:
                sets.asked = asked

    def _asked(self, engine: Engine, frames: Sequence[tuple[StoredFrame, Part]]) -> Asked | None:
        """What is to be asked of the stretch of some frames; None where they are to be judged one by one."""
        times: list[int] = []
        for stored, sets in frames:
            believed = stored.times(sets.times)
            if believed is None:
                return None
            times += believed
        asset, stretch = frames[0][0].agent, frames[0][1].stretch
        subject = self._places.subject(asset, times[0])
        others = [self._places.subject(asset, at_ns) for at_ns in times]
        if any(other is not subject and other != subject for other in others):
            return None
        watch = engine.watching(subject, stretch.series, times[0])
        if not engine.watches_all(watch, subject, times):
            return None
        return Asked(stretch, subject, watch, times, engine.last_ns(asset))
