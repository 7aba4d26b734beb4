# SPDX-License-Identifier: Apache-2.0
"""What somebody says of an incident, as it was said: right, or refused with what to change. Decides only."""

from collections.abc import Collection, Mapping
from datetime import tzinfo
from typing import Any, Final, Protocol

from giamsat_collector.availability.maintenance import moment
from giamsat_collector.errors import RefusedError
from giamsat_collector.incidents.incident import Group, Incident, Report, State
from giamsat_collector.preconditions import must_be_known
from giamsat_collector.registry.record import System, Unit
from giamsat_collector.sentence import Sentence

LENGTHS: Final = {
    **dict.fromkeys(("title", "told_by"), 300),
    **dict.fromkeys(("owner", "unit", "system"), 64),
    **dict.fromkeys(("first_actions", "cause", "scope", "remedy"), 8_000),
}
"""Characters of each text at most."""
FLAGS: Final = ("serious", "security_interest", "interruption", "personal_data")
NEEDED: Final = frozenset({"title", "owner"})
MOST_PERSONS: Final = 1_000_000_000
FIELDS: Final = (*LENGTHS, *FLAGS, "group", "persons", "detected")


class Places(Protocol):
    """Says which units and systems there are."""

    units: Mapping[str, Unit]
    systems: Mapping[str, System]

    def level_of(self, system: str) -> int | None:
        """The level a system is judged by; None is unclassified."""
        ...


def values(said: Mapping[str, Any], zone: tzinfo, now_ns: int) -> dict[str, Any]:
    """The fields of an incident that are meant, each of its type; `detected` is a moment, one of `zone` unless it says.

    Raises:
        RefusedError: a name nobody knows, or a value that is not possible.
    """
    found: dict[str, Any] = {}
    for name, value in said.items():
        must_be_known(name, FIELDS, Sentence("field"), Sentence("the fields are {names}", names=", ".join(FIELDS)))
        if name in FLAGS:
            found[name] = _flag(name, value)
        elif name == "group":
            found[name] = group(value)
        elif name == "persons":
            found[name] = _persons(value)
        elif name == "detected":
            found["detected_ns"] = past(value, zone, now_ns)
        else:
            found[name] = _text(name, value)
    return found


def placed(meant: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """The same, with the unit of a system that is named alone, and the level by which the place is judged.

    Raises:
        RefusedError: there is no such unit or system.
    """
    unit, system = str(meant.get("unit", "")), str(meant.get("system") or "")
    if system and system not in places.systems:
        raise RefusedError(
            "no such system: {name}; 'giamsat-collector registry systems' shows those there are", name=system
        )
    if unit and unit not in places.units:
        raise RefusedError("no such unit: {name}; 'giamsat-collector registry units' shows those there are", name=unit)
    found = dict(meant)
    if "system" in meant:
        found |= {"system": system or None, "level": places.level_of(system)}
    if system and not unit:
        found["unit"] = places.systems[system].unit
    return found


def new(meant: Mapping[str, Any], chosen: Collection[str], *, actor: str, reason: str, now_ns: int) -> Incident:
    """A new incident of values that were read, and of alerts or of what a person told; it has no number yet.

    Raises:
        RefusedError: its title or its kind is missing, or nobody said why it was detected at another moment; or no
            alert tells of it, and nobody said where it is and who told of it.
    """
    for name in ("title", "group"):
        if name not in meant:
            raise RefusedError("an incident needs a {name} (--{name})", name=name)
    if not chosen and not (meant.get("unit") and meant.get("told_by")):
        raise RefusedError(
            "an incident without alerts needs where it is, and who told of it and how (--unit or --system, --told-by)"
        )
    why = (reason.strip() or str(meant.get("told_by", ""))) if "detected_ns" in meant else ""
    if "detected_ns" in meant and not why:
        raise RefusedError("who says when it was detected says why (--reason)")
    texts = dict.fromkeys(("first_actions", "cause", "scope", "remedy"), "")
    given = {**texts, **dict.fromkeys(FLAGS, False), "persons": None, "owner": actor, "detected_ns": now_ns, **meant}
    return Incident(number=0, state=State.OPEN, detected_why=why, opened_ns=now_ns, opened_by=actor, **given)


def group(value: object) -> Group:
    """The kind of incident by its name.

    Raises:
        RefusedError: there is none.
    """
    possible = Sentence("the groups are {names}", names=", ".join(Group))
    must_be_known(str(value), {one.value for one in Group}, Sentence("group"), possible)
    return Group(str(value))


def report(value: object) -> Report:
    """The report by its name.

    Raises:
        RefusedError: there is none.
    """
    possible = Sentence("the reports are {names}", names=", ".join(Report))
    must_be_known(str(value), {one.value for one in Report}, Sentence("report"), possible)
    return Report(str(value))


def past(value: object, zone: tzinfo, now_ns: int) -> int:
    """A moment that is over.

    Raises:
        RefusedError: it is no time, or not over yet.
    """
    at_ns = moment(str(value).strip(), zone)
    if not 0 < at_ns <= now_ns:
        raise RefusedError("{text} is not over yet, or long before there were computers", text=str(value)[:40])
    return at_ns


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise RefusedError("{name} is a text", name=name)
    text = value.replace("\r\n", "\n").strip()
    if name in NEEDED and not text:
        raise RefusedError("{name} must not be empty", name=name)
    if len(text) > LENGTHS[name]:
        raise RefusedError(
            "{name} has {length} characters, at most {most}", name=name, length=len(text), most=LENGTHS[name]
        )
    return text


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise RefusedError("{name} is true or false", name=name)
    return value


def _persons(value: object) -> int | None:
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_PERSONS)) and int(text) <= MOST_PERSONS):
        raise RefusedError("persons is a number up to {most}, or empty where nobody knows", most=MOST_PERSONS)
    return int(text)
