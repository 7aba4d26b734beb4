# SPDX-License-Identifier: Apache-2.0
"""What is known of a kind of device: how to tell it, and where it keeps version, model, serial and its own figures.

A profile is data, one file in profiles/. It says one or more ways to tell the kind: an object identifier, words of the
description, and for the many makers whose devices call themselves Linux an object that only theirs have. The longest
identifier wins; among equals one that knows more than it.

    os: procurve                          the name of the file, and of the kind
    vendor: HP                            '' for a kind that many make
    match:                                one or more ways to tell it
      - sysObjectID: [.1.3.6.1.4.1.11.2.3.7.11]   identifiers it begins with; without them any, and none
        sysDescr: 'ProCurve'              words of the description, a regular expression
        answers: .1.3.6.1.4.1.11.2.14.11.5.1.1.3.0   an object that only this kind has
    version:                              the first clue that says something; likewise hardware, serial, maker
      - oid: .1.3.6.1.4.1.11.2.14.11.5.1.1.3.0
        part: 'v([0-9.]+)'                the part of it that counts; `as` puts its groups together
      - sysDescr: 'revision ([^ ,]+)'     a part of the description
      - chassis: version                  a column of the chassis in ENTITY-MIB: CHASSIS_COLUMNS
    mibs: [ucd]                           figures it shares with others: mibs/
    scalars: {…}                          its own: mib_file
    tables: […]

A key that nobody would read is refused.
"""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

import yaml

from giamsat_agent.devices.mib import Mib
from giamsat_agent.devices.mib_file import FIGURES, must_be_read, parse

DESCRIPTION = 1_024
"""Characters of sysDescr that are looked at."""
HEADS_KEPT: Final = 1_024
"""Pairs of identifier and description whose kind is remembered, as every poll brings the same ones again."""
CHASSIS_COLUMNS: Final = {
    "description": 2,
    "name": 7,
    "firmware": 9,
    "version": 10,
    "serial": 11,
    "maker": 12,
    "model": 13,
}
"""Columns of entPhysicalTable (RFC 6933) by what they say of a chassis."""
ENTERPRISES: Final = ".1.3.6.1.4.1."
"""Below it every maker has a number of its own (IANA, Private Enterprise Numbers)."""
ANY: Final = ("", ".1.3.6.1.4.1.8072.3.2.10")
"""No identifier, any, and that of net-snmp on Linux, which the devices of many makers say."""
NUMBERED: Final = r"(?i)\b(?:version|firmware|ver\.|rel(?:ease)?\.?|rev(?:ision)?\.?)[ :]{1,2}v?(\d[\w.()-]{0,40})"
"""How most descriptions name a version."""
_KEYS: Final = FIGURES | {"os", "vendor", "match", "maker", "version", "hardware", "serial", "mibs"}
_OF_MATCH: Final = frozenset({"sysObjectID", "sysDescr", "answers"})
_OF_CLUE: Final = frozenset({"oid", "chassis", "sysDescr", "part", "as"})
UPS_MAKER, UPS_MODEL, UPS_SOFTWARE = (f".1.3.6.1.2.1.33.1.1.{part}.0" for part in (1, 2, 3))
"""UpsIdent of RFC 1628."""
PROBE_SOFTWARE: Final = ".1.3.6.1.2.1.16.19.2.0"
"""ProbeSoftwareRev of RFC 4502, which many small switches answer to."""


@dataclass(frozen=True, slots=True)
class Clue:
    """Where a fact stands: in an object, in a column of the chassis's row of ENTITY-MIB, or in the description.

    `pattern` picks the part that counts; alone it is looked for in the description.
    """

    oid: str = ""
    chassis: int = 0
    pattern: re.Pattern[str] | None = None
    template: str = ""

    def pick(self, said: str) -> str:
        """The part that counts of what a device says; empty for none."""
        if self.pattern is None:
            return said
        found = self.pattern.search(said)
        if found is None:
            return ""
        if self.template:
            return found.expand(self.template).strip()
        return (found[1] if found.groups() else found[0]).strip()


@dataclass(frozen=True, slots=True)
class Match:
    """One way to tell a kind. `answers` is an object that only it has, of all that say one of these identifiers.

    Without identifiers any fits, and none.
    """

    prefixes: Sequence[str] = ANY
    description: re.Pattern[str] | None = None
    answers: str = ""

    def fits(self, object_id: str) -> int:
        """Characters of the identifier that it knows; less than 0 when it is of another."""
        return max((len(prefix) for prefix in self.prefixes if f"{object_id}.".startswith(f"{prefix}.")), default=-1)

    def weight(self, object_id: str, description: str, answered: Container[str]) -> int:
        """How well it fits; 0 for not at all."""
        known = self.fits(object_id)
        if known < 0 or (self.answers and self.answers not in answered):
            return 0
        if self.description and not self.description.search(description[:DESCRIPTION]):
            return 0
        return 2 * known + bool(self.answers or self.description)


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of device. `mib` is its own figures, `mibs` names those it shares with others.

    `vendor` is for a device that says nothing of its `maker`; empty for a kind that many make.
    """

    os: str
    vendor: str
    matches: Sequence[Match]
    maker: Sequence[Clue]
    version: Sequence[Clue]
    hardware: Sequence[Clue]
    serial: Sequence[Clue]
    mib: Mib
    mibs: Sequence[str]

    @property
    def clues(self) -> tuple[Clue, ...]:
        """Everything that tells what it is."""
        return (*self.maker, *self.version, *self.hardware, *self.serial)

    def weight(self, object_id: str, description: str, answered: Container[str] = ()) -> int:
        """How well the profile fits; 0 for not at all."""
        return max(match.weight(object_id, description, answered) for match in self.matches)


@cache
def every() -> tuple[Profile, ...]:
    """Every profile that ships."""
    folder = resources.files(__package__).joinpath("profiles")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yml"))
    texts = (folder.joinpath(name).read_text(encoding="utf-8") for name in names)
    return tuple(_parsed(yaml.load(text, Loader=yaml.CSafeLoader)) for text in texts)


@cache
def makers() -> Mapping[str, str]:
    """Makers by the number that IANA gave them."""
    text = resources.files(__package__).joinpath("makers.yml").read_text(encoding="utf-8")
    return {str(number): name for number, name in yaml.load(text, Loader=yaml.CSafeLoader).items()}


def maker(object_id: str, description: str) -> str:
    """Who made a device, by the number in its identifier or the name its description begins with; empty for none."""
    number = object_id.removeprefix(ENTERPRISES).partition(".")[0] if object_id.startswith(ENTERPRISES) else ""
    if number in makers():
        return makers()[number]
    words = f"{description} ".lower()
    return next((name for name in makers().values() if words.startswith(f"{name.lower()} ")), "")


@lru_cache(maxsize=HEADS_KEPT)
def called(words: str) -> str:
    """The name that a maker's other devices bear, however this one writes it; what no maker is called stays."""
    return next((name for name in makers().values() if name.lower() == words.lower()), words)


@lru_cache(maxsize=HEADS_KEPT)
def questions(object_id: str) -> tuple[str, ...]:
    """The objects by which devices that say this identifier are told apart; none for most."""
    found = (match for profile in every() for match in profile.matches if match.answers)
    return tuple(dict.fromkeys(match.answers for match in found if match.fits(object_id) >= 0))


@lru_cache(maxsize=HEADS_KEPT)
def choose(object_id: str, description: str, answered: frozenset[str] = frozenset()) -> Profile | None:
    """The profile that fits best; None when none does. `answered` are the objects of questions() that it has."""
    best = max(every(), key=lambda profile: profile.weight(object_id, description, answered))
    return best if best.weight(object_id, description, answered) else None


def _parsed(table: Mapping[str, Any]) -> Profile:
    must_be_read(table, _KEYS, f"{table['os']}.yml")
    for way in table["match"]:
        must_be_read(way, _OF_MATCH, f"{table['os']}.yml, match")
    return Profile(
        os=table["os"],
        vendor=table["vendor"],
        matches=tuple(
            Match(
                prefixes=tuple(way.get("sysObjectID", ANY)),
                description=re.compile(way["sysDescr"]) if "sysDescr" in way else None,
                answers=way.get("answers", ""),
            )
            for way in table["match"]
        ),
        maker=_clues(table.get("maker", ())),
        version=_clues(table.get("version", ())),
        hardware=_clues(table.get("hardware", ())),
        serial=_clues(table.get("serial", ())),
        mib=parse(table["os"], table),
        mibs=tuple(table.get("mibs", ())),
    )


def _clues(rows: Sequence[Mapping[str, Any]]) -> tuple[Clue, ...]:
    for row in rows:
        must_be_read(row, _OF_CLUE, str(row))
    return tuple(
        Clue(
            oid=row.get("oid", ""),
            chassis=CHASSIS_COLUMNS[row["chassis"]] if "chassis" in row else 0,
            pattern=re.compile(row["sysDescr"] if "sysDescr" in row else row["part"])
            if "sysDescr" in row or "part" in row
            else None,
            template=row.get("as", ""),
        )
        for row in rows
    )


UNKNOWN: Final = Profile(
    os="",
    vendor="",
    matches=(),
    maker=_clues([{"chassis": "maker"}, {"oid": UPS_MAKER}]),
    version=_clues(
        [
            {"chassis": "version"},
            {"chassis": "firmware"},
            {"oid": UPS_SOFTWARE},
            {"oid": PROBE_SOFTWARE},
            {"sysDescr": NUMBERED},
        ],
    ),
    hardware=_clues([{"chassis": "model"}, {"chassis": "description"}, {"oid": UPS_MODEL}]),
    serial=_clues([{"chassis": "serial"}]),
    mib=parse("", {}),
    mibs=(),
)
"""Any other device: what ENTITY-MIB says of its chassis, UPS-MIB of a UPS, RMON2-MIB of what counts its packets."""
