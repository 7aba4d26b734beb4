# SPDX-License-Identifier: Apache-2.0
"""Lists while the collector runs: a change is durable before anything is held against it, and its own event."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import Connection

from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators import import_plan, import_process, rows
from giamsat_collector.indicators.contact import Indicators
from giamsat_collector.indicators.import_plan import Change, Wanted
from giamsat_collector.indicators.indicator import Kind, understood
from giamsat_collector.indicators.lookup import About, Lookup, Match, Reading
from giamsat_collector.indicators.packing import unpacked
from giamsat_collector.indicators.rows import Listed
from giamsat_collector.own_host import ADMINISTERED
from giamsat_collector.preconditions import must_be_known
from giamsat_collector.sentence import Sentence
from giamsat_collector.store import Store
from giamsat_wire.clock import SECOND_NS, Clock

log = structlog.get_logger()

MOST: Final = 50
_SHOWN: Final = Sentence("'giamsat-collector indicators list' shows those there are")
_READ_AS: Final = {
    Kind.ADDRESS: Reading.ADDRESS,
    Kind.DOMAIN: Reading.NAME,
    Kind.URL: Reading.URL,
    Kind.MAIL: Reading.SENDER,
    Kind.FILE: Reading.FILE,
    Kind.JA4: Reading.JA4,
}


@dataclass(slots=True)
class Lists:
    """Brings, takes away, lists, checks. `indicators` is what arrives is held against; `tell` has the rules judge."""

    store: Store
    clock: Clock
    indicators: Indicators
    tell: Callable[[str, Mapping[str, str]], Awaitable[None]]
    listed: tuple[Listed, ...] = ()
    """The lists as they were last loaded: what they have met is counted in the rows."""
    change: Callable[[bytes, Wanted, bytes, int], Awaitable[Change]] = import_process.change
    """Says what a file, compressed, would make of a list as it is kept, at a time (UNIX seconds)."""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def bring(self, packed: bytes, wanted: Wanted, person: str, *, dry_run: bool = False) -> Change:
        """Put a list in the place of the one of its name; a file with problems changes nothing.

        Raises:
            RefusedError: there is no room for it.
        """
        async with self._one_at_a_time:
            now, name = self.clock.wall_ns(), wanted.name
            lines = (await self.store.read(rows.lines)).get(name, b"")
            change = await self.change(packed, wanted, lines, now // SECOND_NS)
            import_plan.must_have_room(name, change.entries, {one.name: one.entries for one in self.listed}, MOST)
            if dry_run or change.problems:
                return change
            renewed = wanted.renewed_days or None
            said = Listed(name, wanted.source, wanted.document, now, person, renewed, change.entries)
            await self._done("indicators.import", person, name, lambda c: rows.put(c, said, change.kept))
            return change

    async def remove(self, name: str, person: str, *, dry_run: bool = False) -> Listed:
        """Take a list away.

        Raises:
            RefusedError: there is none of this name.
        """
        async with self._one_at_a_time:
            found = {one.name: one for one in await self.every()}
            must_be_known(name, found.keys(), Sentence("list"), _SHOWN)
            if not dry_run:
                await self._done("indicators.remove", person, name, lambda c: rows.take_away(c, name))
            return found[name]

    async def every(self) -> tuple[Listed, ...]:
        """All lists, with what they have met."""
        return await self.store.read(rows.every)

    async def kept(self, name: str = "") -> tuple[tuple[Listed, bytes], ...]:
        """Lists with their entries as they are kept: one of this name, or all.

        Raises:
            RefusedError: there is none of this name, or none at all.
        """
        listed, lines = await self.store.read(lambda c: (rows.every(c), rows.lines(c)))
        if name:
            must_be_known(name, [one.name for one in listed], Sentence("list"), _SHOWN)
        if not listed:
            raise RefusedError("there is no list yet; 'giamsat-collector indicators import' brings one")
        return tuple((one, lines[one.name]) for one in listed if name in {"", one.name})

    def standing(self) -> Mapping[str, int]:
        """How many entries of each list count now."""
        return self.indicators.lookup.standing(self.clock.wall_ns() // SECOND_NS)

    def check(self, values: Sequence[str]) -> list[tuple[str, Match | None]]:
        """What the lists say of values, each as it is written here.

        Raises:
            RefusedError: one is no value that can be listed.
        """
        now, find = self.clock.wall_ns(), self.indicators.lookup.find
        read = [understood(value) for value in values]
        return [
            (value, find(_READ_AS[kind], f"http://{value}" if kind is Kind.URL else value, now)) for kind, value in read
        ]

    async def load(self) -> None:
        """Hold what arrives against what stands in the rows."""
        listed, lines = await self.store.read(lambda c: (rows.every(c), rows.lines(c)))
        abouts = {one.name: About(one.name, one.source, one.brought_ns // SECOND_NS) for one in listed}
        lookup = await asyncio.to_thread(
            lambda: Lookup((abouts[name], unpacked(packed)) for name, packed in lines.items())
        )
        self.indicators.lookup, self.listed = lookup, listed

    async def _done(self, command: str, person: str, name: str, work: Callable[[Connection], None]) -> None:
        await self.store.write(work)
        await self.load()
        log.info("indicators_changed", command=command, list=name, actor=person, entries=len(self.indicators.lookup))
        said = {"giamsat.command": command, "user.name": person, "threat.feed.name": name}
        await self.tell(ADMINISTERED, said)
