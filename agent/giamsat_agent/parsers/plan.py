# SPDX-License-Identifier: Apache-2.0
"""How values of one product are read, worked out once for all lines whose values have the same names.

Which fields there are follows from the names; which event it is, from the few values that the product's events ask
for. A device writes the same names line after line, and few of those values, so what either decides is remembered.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

from giamsat_agent.message import Meaning
from giamsat_agent.parsers import typed_values
from giamsat_agent.parsers.condition import Condition
from giamsat_agent.parsers.product import Product
from giamsat_wire.record import FieldValue

PLAIN: Final = "log-message"
"""The kind of what says nothing that is judged."""
REST_MOST: Final = 24
"""With those that have fields of their own they stay below what an event may hold."""
PLANS_KEPT: Final = 256
NAMES_MOST: Final = 128
"""Plans remembered for all products together, and of how many names each is at most."""
EVENTS_KEPT: Final = 32
ASKED_CHARACTERS: Final = 256
"""Combinations of asked values of which one plan remembers the event, and how long their texts are together at most."""
_NAME: Final = re.compile(r"[A-Z]\w{0,63}")
"""Names of Windows' own values."""


class _Event(msgspec.Struct, frozen=True):
    """What is the same of all lines of one event: its kind, what is always so, and which values are which fields.

    It is one of those lines only whose message holds what is `spoken`.
    """

    kind: str
    fixed: Mapping[str, FieldValue]
    told: typed_values.Reader
    rest: typed_values.Reader | None
    spoken: Condition | None


class Plan:
    """Reads values with these names as one product's."""

    def __init__(self, product: Product, names: tuple[str, ...]) -> None:
        have = frozenset(names)
        self._product = product
        self._names = names
        self._fixed = tuple(product.fixed.items())
        self._asked = typed_values.picking([name for name in product.asked if name in have])
        self._fields = tuple((name, field) for name, field in product.fields if name in have)
        self._nothing = tuple((name, says) for name, says in product.nothing.items() if name in have)
        self._inside = tuple((name, template) for name, template in product.inside if name in have)
        self._events: dict[tuple[str, ...], tuple[_Event, ...]] = {}

    def meaning(self, values: Mapping[str, str]) -> Meaning:
        """What the values say."""
        asked = self._asked(values)
        events = self._events.get(asked) or self._possible(asked, values)
        event = events[0]
        if event.spoken is not None:
            event = next(each for each in events if each.spoken is None or each.spoken(values))
        said = values
        if self._nothing and (void := [name for name, says_none in self._nothing if says_none(values[name])]):
            said = {**values, **dict.fromkeys(void, "")}
        told = event.told.read(said)
        for name, template in self._inside:
            if template.literal in (text := values[name]) and (holes := template.fit(text)) is not None:
                typed_values.add(told, holes.items())
        told.update(event.fixed)
        if event.rest is not None:
            told.update(event.rest.read(values))
        for name, value in self._fixed:
            told.setdefault(name, value)
        return Meaning(event.kind, told)

    def _possible(self, asked: tuple[str, ...], values: Mapping[str, str]) -> tuple[_Event, ...]:
        """The events whose conditions hold, to the first that asks for no words; remembered unless texts are long."""
        events: list[_Event] = []
        for said in self._product.events:
            if said.where is not None and said.where(values):
                own = tuple((name, field) for name, field in said.fields if name in self._names)
                mine = {name for name, _ in own}
                told = (*own, *(wanted for wanted in self._fields if wanted[0] not in mine))
                events.append(self._event(said.kind, said.fixed, told, said.spoken))
                if said.spoken is None:
                    break
        else:
            events.append(self._event(PLAIN, {}, self._fields, None))
        if sum(map(len, asked)) <= ASKED_CHARACTERS:
            if len(self._events) >= EVENTS_KEPT:
                self._events.clear()
            self._events[asked] = tuple(events)
        return tuple(events)

    def _event(
        self,
        kind: str,
        fixed: Mapping[str, FieldValue],
        wanted: tuple[typed_values.Wanted, ...],
        spoken: Condition | None,
    ) -> _Event:
        """The event, and of values that no field takes at most REST_MOST under their own names."""
        rest, known = self._product.rest, {name for name, _ in wanted}
        left = [name for name in self._names if name not in known and _NAME.fullmatch(name.removeprefix(rest))]
        own = [(name, rest + name.removeprefix(rest)) for name in left[:REST_MOST]] if rest else ()
        return _Event(kind, fixed, typed_values.Reader(wanted), typed_values.Reader(own) if own else None, spoken)


def of_values(product: Product, values: Mapping[str, str]) -> Meaning:
    """What named values of a product say."""
    return planned(product, tuple(values)).meaning(values)


def planned(product: Product, names: tuple[str, ...]) -> Plan:
    """The plan for values of a product that have these names, in this order."""
    return _kept(product, names) if len(names) <= NAMES_MOST else Plan(product, names)


@lru_cache(maxsize=PLANS_KEPT)
def _kept(product: Product, names: tuple[str, ...]) -> Plan:
    return Plan(product, names)
