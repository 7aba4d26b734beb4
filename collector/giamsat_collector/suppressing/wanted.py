# SPDX-License-Identifier: Apache-2.0
"""What somebody wants hidden, as it was said: right, or refused with what to change. Decides only."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import nanoseconds
from giamsat_collector.preconditions import must_be_known, must_be_registered
from giamsat_collector.sentence import Sentence
from giamsat_collector.suppressing.record import Record, compiled
from giamsat_rules.suppression import ASSET, SYSTEM, UNIT
from giamsat_wire.clock import SECOND_NS

DAYS: Final = 90
"""The longest a suppression may last."""
FIELDS: Final = 20
CHARACTERS: Final = 500
_DAY_NS: Final = 86_400 * SECOND_NS
_LIFETIME: Final = re.compile(r"\A([0-9]{1,5})([mhd])\Z")
_MINUTES: Final = {"m": 1, "h": 60, "d": 1440}
_IN_FORCE: Final = Sentence("'giamsat-collector rules show' says which set is in force")
_PLACES: Final[Mapping[Literal["unit", "system", "asset"], str]] = {"unit": UNIT, "system": SYSTEM, "asset": ASSET}


@dataclass(frozen=True, slots=True)
class Known:
    """Names that exist: rules in force, units, systems and assets."""

    rules: Collection[str]
    unit: Collection[str]
    system: Collection[str]
    asset: Collection[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wish. `expires` is a time such as 8h or 30d, or the last day (UTC); `starts` an instant, empty: now."""

    rules: Sequence[str]
    fields: Mapping[str, str]
    reason: str
    document: str
    expires: str
    unit: str = ""
    system: str = ""
    asset: str = ""
    starts: str = ""


def decided(wanted: Wanted, known: Known, *, proposer: str, now_ns: int) -> Record:
    """The suppression that is wanted; it has no number yet.

    Raises:
        RefusedError: it cannot be; the message says why and what to do.
    """
    if not wanted.reason.strip() or not wanted.document.strip():
        raise RefusedError("a suppression needs a reason and the number of a document (--reason, --document)")
    for rule in wanted.rules:
        must_be_known(rule, known.rules, Sentence("rule"), _IN_FORCE)
    fields = dict(wanted.fields)
    for kind, name in _PLACES.items():
        place = getattr(wanted, kind)
        if place:
            must_be_registered(kind, place, getattr(known, kind))
            fields[name] = place
    if not fields:
        raise RefusedError(
            "this would hide everywhere; name a --unit, --system, --asset or a --field such as source.ip=192.0.2.7"
        )
    if len(fields) > FIELDS or any(len(name) + len(value) > CHARACTERS for name, value in fields.items()):
        raise RefusedError(
            "more than {fields} fields, or one longer than {characters} characters; split it",
            fields=FIELDS,
            characters=CHARACTERS,
        )
    since_ns = _instant_ns(wanted.starts) if wanted.starts else now_ns
    until_ns = _end_ns(wanted.expires, since_ns)
    if until_ns <= now_ns:
        raise RefusedError("{expires} is over; give a time such as 8h, or a day to come", expires=wanted.expires)
    if until_ns > max(now_ns, since_ns) + DAYS * 86_400 * SECOND_NS or since_ns > now_ns + DAYS * 86_400 * SECOND_NS:
        raise RefusedError(
            "a suppression lasts {days} days at most; give an earlier --expires and renew it when due", days=DAYS
        )
    record = Record(
        number=0,
        rules=tuple(dict.fromkeys(wanted.rules)),
        fields=fields,
        reason=wanted.reason.strip()[:1000],
        document=wanted.document.strip()[:200],
        proposer=proposer,
        proposed_ns=now_ns,
        since_ns=since_ns,
        until_ns=until_ns,
    )
    compiled(record)
    return record


def _end_ns(said: str, since_ns: int) -> int:
    lifetime = _LIFETIME.match(said)
    if lifetime:
        return since_ns + int(lifetime[1]) * _MINUTES[lifetime[2]] * 60 * SECOND_NS
    try:
        day = datetime.strptime(said, "%Y-%m-%d").replace(tzinfo=UTC)
        return nanoseconds(day) + _DAY_NS
    except ValueError as error:
        raise RefusedError("{said!r} is no time; write 8h, 30d or a day such as 2027-01-31", said=said[:40]) from error


def _instant_ns(said: str) -> int:
    try:
        moment = datetime.fromisoformat(said)
        at_ns = nanoseconds(moment)
    except ValueError as error:
        raise RefusedError("{said!r} is no instant; write 2027-01-31T18:00+07:00", said=said[:40]) from error
    if moment.tzinfo is None:
        raise RefusedError("{said} lacks its time zone; write 2027-01-31T18:00+07:00", said=said[:40])
    return at_ns
