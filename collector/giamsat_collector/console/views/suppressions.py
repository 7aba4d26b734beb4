# SPDX-License-Identifier: Apache-2.0
"""What the page of what is hidden prints."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.suppressing.record import Record, State
from giamsat_rules.suppression import ASSET, SYSTEM, UNIT

STATES: Final = {
    State.PARTLY: "đang ẩn ở cấp 1–3, trừ bộ thu thập, chờ người thứ hai",
    State.WHOLE: "đang ẩn ở mọi cấp",
    State.PLANNED: "chưa tới giờ",
    State.OVER: "đã hết",
}
"""How one stands, those that wait for somebody first."""
PLACES: Final = {UNIT: "Đơn vị", SYSTEM: "Hệ thống", ASSET: "Máy"}
LAST: Final = 50
"""So many that are over are shown."""


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """One suppression. `asks`: the reader may be the second person."""

    number: str
    state: str
    state_code: str
    rules: str
    fields: tuple[tuple[str, str], ...]
    reason: str
    document: str
    people: str
    since: Moment
    until: Moment
    hidden: str
    asks: bool
    stands: bool

    @classmethod
    def of(cls, record: Record, user: str, registry: Registry, reader: Reader) -> "SuppressionRow":
        """A suppression as it looks to a reader who may agree."""
        state, stands = record.state(reader.now_ns), record.stands(reader.now_ns)
        mine = user.casefold() == record.proposer.casefold()
        return cls(
            number=str(record.number),
            state=reader.text(STATES[state]),
            state_code=state.value,
            rules=", ".join(map(words.visible, record.rules)),
            fields=tuple(_field(name, value, registry, reader) for name, value in record.fields.items()),
            reason=words.visible(record.reason),
            document=words.visible(record.document),
            people=words.visible(" + ".join(filter(None, (record.proposer, record.second)))),
            since=reader.moment(record.since_ns),
            until=reader.moment(record.over_ns),
            hidden=reader.number(record.hidden),
            asks=stands and record.second is None and not mine,
            stands=stands,
        )


def arranged(records: Iterable[Record], now_ns: int) -> tuple[Record, ...]:
    """Those that wait for somebody first, those that are over last and not all of them."""
    order = list(STATES)
    found = sorted(records, key=lambda record: (order.index(record.state(now_ns)), -record.number))
    standing = [record for record in found if record.stands(now_ns)]
    return (*standing, *[record for record in found if not record.stands(now_ns)][:LAST])


def _field(name: str, value: str, registry: Registry, reader: Reader) -> tuple[str, str]:
    named: Mapping[str, str] = {
        UNIT: registry.named(value),
        SYSTEM: registry.systems[value].name if value in registry.systems else value,
        ASSET: registry.placement(value).name,
    }
    said = reader.text(PLACES[name]) if name in PLACES else words.visible(name.removesuffix("|cased"))
    return said, words.visible(named.get(name, value))
