# SPDX-License-Identifier: Apache-2.0
"""What a system owes at its level: an obligation of the standard, the clause it stands in, and what proves it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from giamsat_rules.document import Document
from giamsat_rules.errors import Problem
from giamsat_rules.rule import Texts

STEM: Final = "obligations"


class Proof(StrEnum):
    """What has to arrive, or to be attested."""

    HOSTS_REPORTING = "hosts_reporting"
    LOGS_ARRIVING = "logs_arriving"
    CLOCK_IN_SYNC = "clock_in_sync"
    RECORDS_RETAINED = "records_retained"
    RULES_JUDGED = "rules_judged"
    ALERTS_REVIEWED = "alerts_reviewed"
    PACKETS_WATCHED = "packets_watched"
    ATTESTED = "attested"


class Mode(StrEnum):
    """How much of an obligation is seen by itself: all of it, a part, or nothing of it."""

    AUTOMATED = "automated"
    PARTIAL = "partial"
    ATTESTED = "attested"


LEVELS: Final = frozenset("12345")
TIMED: Final = frozenset({Proof.RECORDS_RETAINED, Proof.ALERTS_REVIEWED})
_KEYS: Final = frozenset({"id", "proof", "mode", "clauses", "days", "title", "step", "evidence"})


@dataclass(frozen=True, slots=True)
class Obligation:
    """One obligation. `clauses` maps each level that owes it to the clause, `days` to how long, where time matters.

    `evidence` is what is looked at to tell, `step` what a unit does when it fails.
    """

    id: str
    proof: Proof
    clauses: Mapping[int, str]
    title: Texts
    step: Texts
    evidence: tuple[Texts, ...] = ()
    days: Mapping[int, int] = field(default_factory=dict)
    mode: Mode = Mode.AUTOMATED


def retention_days(obligations: Iterable[Obligation]) -> Mapping[int, int]:
    """For how many days each level keeps its records, by the longest of its obligations."""
    days: dict[int, int] = {}
    for one in obligations:
        if one.proof is Proof.RECORDS_RETAINED:
            for level, count in one.days.items():
                days[level] = max(days.get(level, 0), count)
    return days


def read_obligations(document: Document, problems: list[Problem]) -> tuple[Obligation, ...]:
    """The obligations of a pack; one that is not whole is left out and named."""
    listed = document.value.get(STEM)
    if not isinstance(listed, list):
        problems.append(document.problem("there is no list of obligations", "write obligations: [...]", STEM))
        return ()
    return tuple(_read(document, listed, problems))


def _read(document: Document, listed: list[object], problems: list[Problem]) -> Iterator[Obligation]:
    seen: set[str] = set()
    for index, said in enumerate(listed):
        unknown = sorted(map(str, said.keys() - _KEYS)) if isinstance(said, dict) else ()
        found = f"{', '.join(unknown)} is not known" if unknown else _one(said)
        if isinstance(found, str):
            problems.append(document.problem(found, "see the shipped obligations.yml", STEM, index))
        elif found.id in seen:
            problems.append(document.problem(f"{found.id} is there twice", "give it another id", STEM, index))
        else:
            seen.add(found.id)
            yield found


def _one(said: object) -> Obligation | str:
    """The obligation that was said, or what is wrong with it."""
    if not isinstance(said, dict) or not said.get("id"):
        return "an obligation is a map with an id"
    name = str(said["id"])
    proof = said.get("proof")
    mode = said.get("mode", Mode.ATTESTED if proof == Proof.ATTESTED else Mode.AUTOMATED)
    if proof not in tuple(Proof) or mode not in tuple(Mode):
        return f"{name}: proof is one of {', '.join(Proof)}, mode one of {', '.join(Mode)}"
    clauses, days = _by_level(said.get("clauses")), _by_level(said.get("days", {}))
    if not clauses:
        return f"{name}: clauses maps levels from 1 to 5 to clauses"
    needed = set(clauses) if said["proof"] in TIMED else set()
    if days is None or not needed <= set(days) or not all(isinstance(one, int) for one in days.values()):
        return f"{name}: days maps each of its levels to a number of days"
    title, step = _texts(said.get("title")), _texts(said.get("step"))
    evidence = _looked_at(said.get("evidence"))
    if title is None or step is None or not evidence:
        return f"{name}: title, step and each evidence that is looked at are given in vi and en"
    return Obligation(
        id=name,
        proof=Proof(str(said["proof"])),
        clauses={level: str(clause) for level, clause in clauses.items()},
        days={level: int(str(one)) for level, one in days.items()},
        mode=Mode(str(mode)),
        title=title,
        step=step,
        evidence=evidence,
    )


def _looked_at(said: object) -> tuple[Texts, ...]:
    """What a list names; nothing when it is none, or one of them lacks a language."""
    found = tuple(map(_texts, said)) if isinstance(said, list) else ()
    named = tuple(one for one in found if one is not None)
    return named if len(named) == len(found) else ()


def _texts(said: object) -> Texts | None:
    """A text in both languages; None when one is missing."""
    if not isinstance(said, dict) or not said.get("vi") or not said.get("en"):
        return None
    return Texts(str(said["vi"]), str(said["en"]))


def _by_level(said: object) -> dict[int, object] | None:
    """A map by level; None when it is none."""
    if not isinstance(said, dict) or not {str(key) for key in said} <= LEVELS:
        return None
    return {int(key): value for key, value in said.items()}
