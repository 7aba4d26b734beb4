# SPDX-License-Identifier: Apache-2.0
"""Whom a sender claims to be. The certificate alone says who it is: a claim is never taken, and a false one is told."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from giamsat_collector.ingest.notices import PROVIDER
from giamsat_wire.record import Event, FieldValue

AGENT: Final = frozenset({"agent.id", "giamsat.asset"})
UNIT: Final = frozenset({"giamsat.unit", "organization.id"})
OTHERS: Final = frozenset({"giamsat.system", "giamsat.level"})
"""What the registry alone says of a host: whoever claims it, claims too much."""
CLAIMS: Final = AGENT | UNIT | OTHERS
"""Fields that no event keeps as they were sent."""
_METADATA: Final[Mapping[str, str]] = {
    **dict.fromkeys(("agent", "agent-id", "agent-uuid", "asset", "asset-id", "host-id", "client-id"), "agent"),
    **dict.fromkeys(("unit", "unit-id", "tenant", "tenant-id", "organization", "organization-id"), "unit"),
}


def in_events(events: Iterable[Event], agent: str, unit: Callable[[], str | None]) -> str | None:
    """Who else than this agent of this unit an event says that it comes from, or the collector itself; None if none."""
    for event in events:
        for name in event.fields.keys() & CLAIMS:
            said = event.fields[name]
            if name in OTHERS or said != (agent if name in AGENT else unit()):
                return str(said)
        if event.fields.get("event.provider") == PROVIDER:
            return PROVIDER
    return None


def without(fields: Mapping[str, FieldValue]) -> Mapping[str, FieldValue]:
    """The fields of an event but for those that claim who it comes from."""
    if CLAIMS.isdisjoint(fields):
        return fields
    return {name: value for name, value in fields.items() if name not in CLAIMS}


def in_metadata(metadata: Iterable[tuple[str, str | bytes]], agent: str, unit: str) -> str | None:
    """Likewise for what came beside a call; the names are those that others use for it."""
    for name, value in metadata:
        what = _METADATA.get(name.removeprefix("x-").removeprefix("giamsat-"))
        if what is not None and value != (agent if what == "agent" else unit):
            return str(value)
    return None
