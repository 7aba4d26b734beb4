# SPDX-License-Identifier: Apache-2.0
"""Makes reports of a running collector: asks for the figures, lays them out, writes the file."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Final

from giamsat_collector.availability import months
from giamsat_collector.coverage.declared import Declaration
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import written_day
from giamsat_collector.incidents import as_of, search
from giamsat_collector.incidents.bundle import bundle
from giamsat_collector.incidents.wanted import report as report_of
from giamsat_collector.registry import fact_ledger
from giamsat_collector.registry.history import History
from giamsat_collector.registry.sheet import Problem
from giamsat_collector.reports import figures, form08, incident, monitoring, period, unit
from giamsat_collector.reports.content import Said
from giamsat_collector.reports.document import Paper
from giamsat_collector.reports.overrides import Eased
from giamsat_collector.reports.period import Period
from giamsat_collector.reports.scope import Scope
from giamsat_collector.store import Store
from giamsat_rules.obligation import Obligation
from giamsat_wire.clock import SECOND_NS, Clock

FORMATS: Final = ("docx", "xlsx")
INCIDENT: Final = ("docx", "json")
"""Formats of a report on an incident."""
UNITS: Final = ("then", "now")
"""Units as they stood when the period ended, or what happened mapped to those that stand now."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """In which format a report is wanted, for which units, and in whose name."""

    format: str = "docx"
    units: str = "then"
    agency: str = ""

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise RefusedError(
                "no such format: {format!r}; there are {possible}",
                format=self.format[:20],
                possible=" and ".join(FORMATS),
            )
        if self.units not in UNITS:
            raise RefusedError(
                "units are counted as of {possible}, not {units!r}", possible=" or ".join(UNITS), units=self.units[:20]
            )


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports there are; a day is one of `zone`. `at_end_of` says how systems stood then, if anybody knows.

    `eased` names the systems that are watched by less than their level asks for at a moment.
    """

    store: Store
    clock: Clock
    at_end_of: Callable[[date], Awaitable[Declaration | None]]
    obligations: Callable[[], Iterable[Obligation]]
    zone: tzinfo
    eased: Callable[[int], Sequence[Eased]] = field(default=lambda _: ())

    async def form08(self, as_of: str, dossiers: tuple[str, bytes] | None, wanted: Wanted) -> bytes:
        """Form 08 with the systems as they stood when a day ended; without one, as they stand.

        Raises:
            RefusedError: the day is none or has not begun, or a dossier is not right.
        """
        day = _day(as_of) if as_of else self._today()
        if day > self._today():
            raise RefusedError("{day} has not begun yet; nobody knows how systems will stand then", day=day)
        at_ns = Period(day, day, "", self.zone).until_ns - 1
        history = await self.store.read(fact_ledger.known)
        standing = history.standing(at_ns)
        said, problems = form08.read(dossiers[1], dossiers[0], standing.systems) if dossiers else ({}, ())
        _must_be_right(problems)
        scope = Scope(history, at_ns)
        names = {one.unit: scope.name(one.unit) for one in standing.systems.values()}
        paper = form08.compose(
            list(standing.systems.values()),
            names,
            said,
            eased=self.eased(at_ns),
            as_of=f"{day:%d/%m/%Y}",
            agency=wanted.agency,
        )
        return await _written(paper, wanted.format)

    async def monitoring(self, half: str, wanted: Wanted) -> bytes:
        """The report on half a year.

        Raises:
            RefusedError: it is no half of a year, or has not begun.
        """
        asked = period.half(half, self.zone)
        scope, said = await self._asked(asked, wanted)
        paper = monitoring.compose(asked, scope, said, wanted.agency)
        return await _written(paper, wanted.format)

    async def unit(self, name: str, month: str, wanted: Wanted) -> bytes:
        """The report for a unit on a month.

        Raises:
            RefusedError: it is no month or has not begun, or the unit did not stand.
        """
        asked = period.month(month, self.zone)
        scope, said = await self._asked(asked, wanted)
        known = scope.history.unit(name, scope.at_ns)
        if known is None:
            raise RefusedError(
                "no such unit: {name}; 'giamsat-collector registry units' shows those there are", name=name[:64]
            )
        if known.valid_to:
            heir = scope.unit_of(name)
            raise RefusedError(
                "unit {name} ended on {valid_to}; ask for its successor, {heir}",
                name=name,
                valid_to=known.valid_to,
                heir=heir,
            )
        units = {name, *scope.predecessors(name)}
        listed = await self.store.read(lambda rows: figures.listed(rows, asked, units, unit.LISTED))
        return await _written(unit.compose(name, asked, scope, said, wanted.agency, listed=listed), wanted.format)

    async def incident(self, number: int, report: str, format_: str, agency: str = "") -> bytes:
        """A report on an incident with what is known now, with the names of when it was detected; a DOCX file or JSON.

        Raises:
            RefusedError: there is no such incident, report or format.
        """
        if format_ not in INCIDENT:
            raise RefusedError(
                "no such format: {format!r}; there are {possible}",
                format=format_[:20],
                possible=" and ".join(INCIDENT),
            )
        whole = await self.store.read(lambda connection: search.whole(connection, number))
        history = await self.store.read(fact_ledger.known)
        scope = Scope(history, whole.incident.detected_ns)
        drawn = incident.Drawn(whole, report_of(report), scope, self.zone, self.clock.wall_ns())
        if format_ == "json":
            return json.dumps(incident.as_json(drawn), ensure_ascii=False, indent=2).encode()
        return await _written(incident.compose(drawn, agency), "docx")

    async def bundle(self, number: int) -> bytes:
        """An incident for who exchanges such, with the names of when it was detected; a bundle of STIX 2.1.

        Raises:
            UnknownIncidentError: there is none of this number.
        """
        whole = await self.store.read(lambda connection: search.whole(connection, number))
        scope = Scope(await self.store.read(fact_ledger.known), whole.incident.detected_ns)
        return json.dumps(bundle(whole, scope), ensure_ascii=False, indent=2).encode()

    async def _asked(self, asked: Period, wanted: Wanted) -> tuple[Scope, Said]:
        now_ns = self.clock.wall_ns()
        if asked.since_ns > now_ns:
            raise RefusedError("{name}: has not begun yet", name=asked.name)
        history: History = await self.store.read(fact_ledger.known)
        found = await self.store.read(lambda connection: figures.read(connection, asked))
        end_ns = min(asked.until_ns - 1, now_ns)
        belonging = {
            name: _belonging(history, min(period.month(name, self.zone).until_ns - 1, now_ns)) for name in asked.months
        }
        available = await self.store.read(lambda connection: months.read(connection, belonging, self.zone, now_ns))
        obligations = {one.id: one for one in self.obligations()}
        stood = await self.store.read(lambda connection: as_of.read(connection, min(asked.until_ns, now_ns)))
        said = Said(found, await self.at_end_of(asked.last), available, obligations, stood)
        return Scope(history, now_ns if wanted.units == "now" else end_ns), said

    def _today(self) -> date:
        return datetime.fromtimestamp(self.clock.wall_ns() / SECOND_NS, self.zone).date()


def _belonging(history: History, at_ns: int) -> Mapping[str, list[str]]:
    """Which assets belonged to each system at a moment."""
    found: dict[str, list[str]] = {}
    for asset in history.standing(at_ns).assets.values():
        for system in asset.systems:
            found.setdefault(system, []).append(asset.id)
    return found


def _written(paper: Paper, form: str) -> Awaitable[bytes]:
    """The file; laying out hundreds of rows takes a second, which other work does not wait for."""
    return asyncio.to_thread(_file, paper, form)


def _file(paper: Paper, form: str) -> bytes:
    """What lays out files is 13 MB, which a collector does without until somebody asks for a report."""
    if form == "xlsx":
        from giamsat_collector.reports.xlsx import workbook  # noqa: PLC0415 - see above

        return workbook(paper)
    from giamsat_collector.reports.docx import word  # noqa: PLC0415 - see above

    return word(paper)


def _must_be_right(problems: tuple[Problem, ...]) -> None:
    if problems:
        raise RefusedError("\n".join(map(str, problems)))


def _day(text: str) -> date:
    try:
        return written_day(text)
    except ValueError as error:
        raise RefusedError("{text!r} is no date; write it as 2026-12-14", text=text[:20]) from error
