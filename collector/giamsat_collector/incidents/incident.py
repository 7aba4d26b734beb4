# SPDX-License-Identifier: Apache-2.0
"""What an incident is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether somebody still works on it."""

    OPEN = "open"
    CLOSED = "closed"


class Group(StrEnum):
    """What kind of incident it is."""

    MALWARE = "malware"
    INTRUSION = "intrusion"
    DOS = "dos"
    DATA_LEAK = "data_leak"
    DEFACEMENT = "defacement"
    PHISHING = "phishing"
    SUPPLIER = "supplier"
    INSIDER = "insider"
    OTHER = "other"


class Report(StrEnum):
    """What is to be sent to an authority."""

    IMMEDIATE = "immediate"
    INITIAL = "initial"
    FULL = "full"
    PERSONAL_DATA = "personal_data"


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as people judge it. Times are UNIX nanoseconds.

    `detected_ns` is the moment from which the law counts: the first detection of its alerts, unless somebody said
    another one, and then `detected_why` says why. `told_by` is who told of it, and how, where a person did; `unit`,
    `system` and `level` are where that person says it is, beside where its alerts came from. `persons` is how many
    people the personal data is about, None when nobody knows. `revision` counts what was done with it. What is not
    known yet is empty.
    """

    number: int
    title: str
    group: Group
    state: State
    serious: bool
    security_interest: bool
    interruption: bool
    personal_data: bool
    persons: int | None
    detected_ns: int
    detected_why: str
    owner: str
    first_actions: str
    cause: str
    scope: str
    remedy: str
    opened_ns: int
    opened_by: str
    closed_ns: int | None = None
    revision: int = 0
    told_by: str = ""
    unit: str = ""
    system: str | None = None
    level: int | None = None

    @property
    def stands_alone(self) -> bool:
        """Whether it needs no alert: a person told of it, and where it is."""
        return bool(self.unit and self.told_by)

    @property
    def places(self) -> tuple["Place", ...]:
        """Where a person says it is; nowhere, if only alerts say."""
        return (Place(self.unit, self.system, self.level),) if self.unit else ()

    @property
    def grave(self) -> bool:
        """Whether reports on it are owed: what is serious is not defined yet, so signs of harm count as serious."""
        return self.serious or self.security_interest or self.interruption


@dataclass(frozen=True, slots=True)
class Sent:
    """A report that somebody says was sent: when, by the number of which document; withdrawn where that was wrong."""

    report: Report
    sent_ns: int
    document: str
    actor: str
    recorded_ns: int
    withdrawn_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an incident is: unit, system, and the level that is judged by; None: unclassified."""

    unit: str
    system: str | None
    level: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the history: who did what, when, and why. `details` is what changed: a field's old and new value."""

    incident: int
    at_ns: int
    actor: str
    action: str
    before: State
    after: State
    details: Mapping[str, object]
    note: str
