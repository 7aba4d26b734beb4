# SPDX-License-Identifier: Apache-2.0
"""What the coverage page prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from giamsat_collector.alerts.grouping import folded
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice, at
from giamsat_collector.coverage.decide import GOOD, Finding, State, SystemCoverage
from giamsat_collector.coverage.statement import Statement
from giamsat_collector.registry.record import System, Unit, UnitKind
from giamsat_collector.registry.snapshot import Registry
from giamsat_rules.rule import Texts

PAGE: Final = 100
STATES: Final = {
    State.UNMET: "chưa đạt",
    State.PARTLY: "đạt một phần",
    State.UNKNOWN: "chưa có dữ liệu",
    State.MET: "đạt",
}
"""What a system's state is called, those in trouble first."""


@dataclass(frozen=True, slots=True)
class Lack:
    """An obligation that is not met: what, why, and the next step."""

    title: str
    clause: str
    reason: str
    step: str


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One system."""

    system: str
    name: str
    unit: str
    report: str
    address: str
    hosts: str
    level: str
    pack: str
    stranger: str
    state: str
    state_code: str
    met: str
    lacks: tuple[Lack, ...]

    @classmethod
    def of(cls, found: SystemCoverage, system: System, unit: str, reader: Reader) -> "CoverageRow":
        """A system as it looks to a reader."""
        good = sum(finding.state in GOOD for finding in found.findings)
        return cls(
            system=words.visible(system.id),
            name=words.visible(system.name),
            unit=words.visible(unit),
            report=at("/reports/unit.docx", [("unit", system.unit)]),
            address=f"/coverage/{quote(system.id, safe='')}",
            hosts=at("/hosts", [("text", system.id)]),
            level=words.level(reader, None if found.stranger else system.level),
            pack=found.pack,
            stranger=_stranger(found, reader),
            state=reader.text(STATES[found.state]),
            state_code=found.state.value,
            met=f"{good}/{len(found.findings)}",
            lacks=tuple(_lack(finding, reader) for finding in found.findings if finding.state not in GOOD),
        )


def _stranger(found: SystemCoverage, reader: Reader) -> str:
    """That nobody has the level pack its dossier refers to; nothing when somebody has."""
    if not found.stranger:
        return ""
    said = "Không có gói cấp độ {pack} mà hồ sơ dẫn chiếu: xét như chưa phân loại."
    return reader.text(said, pack=words.visible(found.stranger))


@dataclass(frozen=True, slots=True)
class Totals:
    """The systems of one level or district, or of all, by state, in the order of STATES."""

    name: str
    counts: tuple[str, ...]
    total: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which systems to show; empty means any."""

    text: str = ""
    state: str = ""
    level: str = ""

    def fits(self, found: SystemCoverage, system: System, unit: str) -> bool:
        """Whether a system is wanted."""
        said = folded(f"{system.id} {system.name} {unit}")
        return (
            (not self.state or found.state.value == self.state)
            and (not self.level or str(found.level) == self.level)
            and all(word in said for word in folded(self.text).split())
        )


@dataclass(frozen=True, slots=True)
class CoverageView:
    """The whole, by level, and the systems that are wanted, those in trouble first, a page at a time.

    `unwatched` are the hosts on networks that have no agent, `troubled` the sources that something is to be done
    about; each empty when there are none.
    """

    met: str
    total: str
    pack: str
    heads: tuple[str, ...]
    levels: tuple[Totals, ...]
    areas: tuple[Totals, ...]
    rows: tuple[CoverageRow, ...]
    shown: str
    unwatched: str
    troubled: str
    text: str
    states: tuple[Choice, ...]
    level_choices: tuple[Choice, ...]
    refresh: str
    following: str
    first: str


def arranged(
    statement: Statement, wanted: Wanted, systems: Mapping[str, System], units: Mapping[str, Unit]
) -> list[tuple[SystemCoverage, System, str]]:
    """The wanted systems with their unit's name, in the order of STATES, then by level and name."""
    rank = list(STATES)
    every = (
        (found, systems[found.system], _unit(systems[found.system], units))
        for found in statement.systems
        if found.system in systems
    )
    fitting = [one for one in every if wanted.fits(*one)]
    return sorted(fitting, key=lambda one: (rank.index(one[0].state), -one[0].level, one[1].name.casefold()))


def by_level(statement: Statement, reader: Reader) -> tuple[Totals, ...]:
    """Totals of each level, the strictest first, and of all of them."""
    of_level = [
        (words.level(reader, level), [one.state for one in statement.systems if one.level == level])
        for level in range(5, 0, -1)
    ]
    every = (*of_level, (reader.text("Tổng số"), [one.state for one in statement.systems]))
    return tuple(
        Totals(name, tuple(reader.number(states.count(state)) for state in STATES), reader.number(len(states)))
        for name, states in every
    )


def by_area(statement: Statement, registry: Registry, reader: Reader) -> tuple[Totals, ...]:
    """Totals of each district with what stands below it, those in need first; what is in none comes last."""
    states: dict[str, list[State]] = {}
    for one in statement.systems:
        system = registry.systems.get(one.system)
        if system is not None:
            states.setdefault(_area(system.unit, registry), []).append(one.state)
    named = sorted(states.items(), key=lambda area: (not area[0], -_share(area[1]), registry.named(area[0]).casefold()))
    return tuple(
        Totals(
            words.visible(registry.named(area)) if area else reader.text("Ngoài các huyện"),
            tuple(reader.number(its.count(state)) for state in STATES),
            reader.number(len(its)),
        )
        for area, its in named
    )


def _area(unit: str, registry: Registry) -> str:
    """The district a unit is, or stands below; empty for one that no registered unit stands above."""
    found = registry.units.get(unit)
    if found is None:
        return ""
    if found.kind is UnitKind.DISTRICT:
        return unit
    return found.parent if found.parent in registry.units else ""


def _share(states: Sequence[State]) -> float:
    """The share of what is not met in full."""
    return sum(one is not State.MET for one in states) / len(states)


def state_choices(chosen: str, reader: Reader) -> tuple[Choice, ...]:
    """The list of states a system can be in."""
    every = [("", "tất cả"), *((one.value, word) for one, word in STATES.items())]
    return tuple(Choice(reader.text(word), "", code, code == chosen) for code, word in every)


def level_choices(chosen: str, reader: Reader) -> tuple[Choice, ...]:
    """The list of levels."""
    every = [("", reader.text("tất cả")), *((str(one), words.level(reader, one)) for one in range(5, 0, -1))]
    return tuple(Choice(text, "", code, code == chosen) for code, text in every)


def _unit(system: System, units: Mapping[str, Unit]) -> str:
    unit = units.get(system.unit)
    return unit.name if unit else system.unit


def _lack(finding: Finding, reader: Reader) -> Lack:
    said: Sequence[Texts] = (finding.obligation.title, finding.reason, finding.step or finding.obligation.step)
    title, reason, step = (text.vi if reader.language.code == "vi" else text.en for text in said)
    return Lack(title, finding.clause, words.visible(reason), step)
