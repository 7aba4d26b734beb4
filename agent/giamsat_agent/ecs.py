# SPDX-License-Identifier: Apache-2.0
"""The ECS fields that every event of a kind carries."""

from collections.abc import Mapping

from giamsat_wire import catalogue
from giamsat_wire.record import Event, FieldValue


def event(kind: str, *, wall_ns: int, mono_ns: int, fields: Mapping[str, FieldValue]) -> Event:
    """An event with what the catalogue says of its kind: event.action, event.category and event.type."""
    told = of_kind(kind)
    told.update(fields)
    return Event(kind, wall_ns, mono_ns, told)


def of_kind(kind: str) -> dict[str, FieldValue]:
    """What the catalogue says of events of a kind, for its caller to add to."""
    known = catalogue.events().get(kind)
    if known is None:
        return {"event.action": kind}
    return {"event.action": kind, "event.category": known.category, "event.type": known.type}
