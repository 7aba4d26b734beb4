# SPDX-License-Identifier: Apache-2.0
"""The ECS fields that every event of a kind carries."""

from collections.abc import Mapping

from giamsat_wire import catalogue
from giamsat_wire.record import Event, FieldValue


def event(kind: str, *, wall_ns: int, mono_ns: int, fields: Mapping[str, FieldValue]) -> Event:
    """An event with what the catalogue says of its kind: event.action, event.category and event.type."""
    known = catalogue.events().get(kind)
    told: dict[str, FieldValue] = {"event.action": kind}
    if known is not None:
        told["event.category"] = known.category
        told["event.type"] = known.type
    told.update(fields)
    return Event(kind, wall_ns, mono_ns, told)
