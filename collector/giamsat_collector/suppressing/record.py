# SPDX-License-Identifier: Apache-2.0
"""A suppression as people speak of it, as the Sigma filter it is, and as the engine takes it."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from giamsat_collector.errors import RefusedError
from giamsat_collector.own_host import SELF
from giamsat_rules.document import Document
from giamsat_rules.language.sigma import read_rule
from giamsat_rules.rule import Predicate
from giamsat_rules.suppression import ASSET, Suppression
from giamsat_wire.clock import SECOND_NS

_EXACT: Final = "|cased"
_LITERAL: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\*?"})


class State(StrEnum):
    """Planned; in force below the level from which two persons decide; in force at every level; over."""

    PLANNED = "planned"
    PARTLY = "one_person"
    WHOLE = "two_persons"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Record:
    """One row. No `rules`: every rule. `second` is who agreed, None as long as nobody has."""

    number: int
    rules: tuple[str, ...]
    fields: Mapping[str, str]
    reason: str
    document: str
    proposer: str
    proposed_ns: int
    since_ns: int
    until_ns: int
    second: str | None = None
    agreed_ns: int | None = None
    ended_by: str | None = None
    ended_ns: int | None = None
    hidden: int = 0
    last_ns: int | None = None

    @property
    def over_ns(self) -> int:
        """When it stops: at its end, or when somebody ended it before."""
        return self.until_ns if self.ended_ns is None else min(self.ended_ns, self.until_ns)

    def stands(self, now_ns: int) -> bool:
        """Whether it is in force, or will be."""
        return now_ns < self.over_ns

    def state(self, now_ns: int) -> State:
        """How it stands."""
        if not self.stands(now_ns):
            return State.OVER
        if now_ns < self.since_ns:
            return State.PLANNED
        return State.PARTLY if self.second is None else State.WHOLE


def of_json(said: Mapping[str, Any]) -> Record:
    """The record in the JSON shape of the administration socket, which says more beside it."""
    names = {field.name for field in fields(Record)}
    return Record(**{name: value for name, value in said.items() if name in names} | {"rules": tuple(said["rules"])})


def exactly(name: str, seen: str) -> tuple[str, str]:
    """The field and value that ask for what was seen alone: whoever chose it may have chosen signs of Sigma."""
    return name + _EXACT, seen.translate(_LITERAL)


def sigma(record: Record) -> dict[str, Any]:
    """The Sigma filter it is, as JSON: written as YAML its end is a date."""
    return {
        "title": record.reason,
        "name": f"suppression-{record.number}",
        "logsource": {"product": "giamsat"},
        "filter": {
            "rules": list(record.rules) or "any",
            "selection": {_asked(name, value): value for name, value in record.fields.items()},
            "condition": "not selection",
        },
        "giamsat": {
            "filter": {
                "reason": record.reason,
                "author": record.proposer,
                "until": datetime.fromtimestamp(record.until_ns / SECOND_NS, UTC).date().isoformat(),
            }
        },
    }


def compiled(record: Record) -> Suppression:
    """What the engine asks. Nothing about the collector itself is hidden before a second person agrees.

    Raises:
        RefusedError: the fields are no Sigma selection.
    """
    said = {name: value for name, value in sigma(record).items() if name != "giamsat"}
    reading = read_rule(Document(Path(f"suppression-{record.number}"), 1, said, {(): 1}))
    if reading.filter is None:
        raise RefusedError("; ".join(f"{problem.what}; {problem.remedy}" for problem in reading.problems))
    return Suppression(
        number=record.number,
        rules=frozenset(record.rules) or None,
        matches=_but_ours(reading.filter.matches) if record.agreed_ns is None else reading.filter.matches,
        since_ns=record.since_ns,
        until_ns=record.over_ns,
        agreed_ns=record.agreed_ns,
    )


def _but_ours(matches: Predicate) -> Predicate:
    """Judges all that is about the collector: who could hide it alone could hide there whatever else he does."""
    return lambda fields: fields.get(ASSET) == SELF or matches(fields)


def _asked(name: str, value: str) -> str:
    """The field, asked for as a network when the value is one."""
    if "/" not in value or "|" in name:
        return name
    try:
        ipaddress.ip_network(value)
    except ValueError:
        return name
    return f"{name}|cidr"
