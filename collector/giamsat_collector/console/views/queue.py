# SPDX-License-Identifier: Apache-2.0
"""What the queue prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.alert import Alert, Relation, State
from giamsat_collector.alerts.lifecycle import legal
from giamsat_collector.alerts.search import CONSEQUENCE, MAINTENANCE, SAME
from giamsat_collector.alerts.shape import main_source
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice, at
from giamsat_collector.console.views.health import Health
from giamsat_collector.console.views.words import Mark
from giamsat_collector.incidents.incident import Incident
from giamsat_collector.registry.snapshot import Registry

Query = Sequence[tuple[str, str]]

MOST: Final = 2_000
"""Alerts that are moved together; a filter that finds more is to be narrowed."""
DIGITS: Final = 6
TICK: Final = "alert-"
"""How a ticked alert is named in the form: this and its id; its value is the revision that was looked at."""
CHIPS: Final = ("unit", "system", "rule", "asset", "owner", "cause", "since", "until")
"""Filters that are set by following a value and taken off by their chip; the form offers the others as lists."""
CHIP_NAMES: Final = {
    "unit": "đơn vị",
    "system": "hệ thống",
    "rule": "quy tắc",
    "asset": "máy",
    "owner": "người xử lý",
    "cause": "đứng sau cảnh báo",
    "since": "từ lúc",
    "until": "đến lúc",
}


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One line of the queue. `moves` are the actions that are possible now, for the keys.

    `cause` is where the alert is that stands for it, `same`: as both tell of the same. `behind` says for how many it
    stands itself, and where those are; `incident` is the newest it belongs to.
    """

    id: str
    address: str
    mark: Mark
    level: str
    unclassified: bool
    age: str
    opened: Moment
    title: str
    count: str
    source: str
    unit: str
    host: str
    last: Moment
    owner: str
    state: str
    state_code: str
    late: bool
    maintenance: str
    cause: str
    same: bool
    behind: Choice | None
    incident: Choice | None
    moves: str
    revision: int

    @classmethod
    def of(
        cls, alert: Alert, registry: Registry, reader: Reader, behind: int = 0, incident: Incident | None = None
    ) -> "AlertRow":
        """An alert as it looks to a reader now; it stands for so many others, and belongs to an incident."""
        those = at("/alerts", [("state", ""), ("cause", alert.id)])
        return cls(
            id=alert.id,
            address=f"/alerts/{alert.id}",
            mark=Mark.of(alert.priority),
            level=words.level(reader, alert.level),
            unclassified=alert.level is None,
            age=reader.age(alert.opened_ns),
            opened=reader.moment(alert.opened_ns),
            title=words.visible(reader.choice(alert.title_vi, alert.title_en)),
            count=reader.number(alert.count),
            source=words.visible(main_source(alert) or ""),
            unit=words.visible(registry.named(alert.unit)),
            host=words.visible(registry.placement(alert.asset).name),
            last=reader.moment(alert.last_ns),
            owner=words.visible(alert.owner or ""),
            state=reader.text(words.STATES[alert.state]),
            state_code=alert.state.value,
            late=alert.late,
            maintenance="" if alert.maintenance is None else str(alert.maintenance),
            cause="" if alert.cause is None else f"/alerts/{alert.cause}",
            same=alert.relation is Relation.SAME,
            behind=Choice(f"+{reader.number(behind)}", those, "", current=False) if behind else None,
            incident=None if incident is None else _incident(incident, reader),
            moves=" ".join(action.value for action in legal(alert.state)),
            revision=alert.revision,
        )


def _incident(incident: Incident, reader: Reader) -> Choice:
    return Choice(reader.text("sự cố {number}", number=incident.number), f"/incidents/{incident.number}")


@dataclass(frozen=True, slots=True)
class Select:
    """A list of the filter form."""

    name: str
    label: str
    options: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set and not on the form: where it is taken off."""

    name: str
    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class QueueView:
    """The whole queue. `shown` says how many of how many; nothing is left out without saying so."""

    rows: tuple[AlertRow, ...]
    shown: str
    tabs: tuple[Choice, ...]
    selects: tuple[Select, ...]
    chips: tuple[Chip, ...]
    text: str
    here: str
    refresh: str
    news: str
    following: str
    first: str
    health: Health
    any_alerts: bool
    number: int
    until: int
    filters: str
    every: str
    said: str = ""
    tick: str = TICK


def every(found: int, shown: int, reader: Reader) -> str:
    """What choosing all that a filter finds is called; empty where the page shows them all, or they are too many."""
    if not shown < found <= MOST:
        return ""
    return reader.text("cả {number} cảnh báo khớp điều kiện này", count=found, number=reader.number(found))


def said(query: Mapping[str, str], reader: Reader) -> str:
    """What became of several alerts that were moved at once, as the address says; empty when none were."""
    if "done" not in query:
        return ""
    done, left = _number(query["done"]), _number(query.get("left", ""))
    told = reader.text("Đã thực hiện với {number} cảnh báo.", count=done, number=reader.number(done))
    if not left:
        return told
    return f"{told} " + reader.text(
        "{number} cảnh báo giữ nguyên: đã được người khác thay đổi, hoặc không làm được việc này.",
        count=left,
        number=reader.number(left),
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < DIGITS else 0


def tabs(query: Query, user: str, counts: Mapping[str, int], reader: Reader) -> tuple[Choice, ...]:
    """The views an analyst changes between; `counts` by the tab's code."""
    closed = f"{State.RESOLVED},{State.FALSE_POSITIVE}"
    mine = [("state", "open"), ("owner", user)]
    every = (
        ("open", "Đang mở", [("state", "open")]),
        ("mine", "Của tôi", mine),
        ("new", "Chưa tiếp nhận", [("state", State.NEW.value)]),
        ("maintenance", "Trong bảo trì", [("state", MAINTENANCE)]),
        ("consequence", "Hệ quả", [("state", CONSEQUENCE)]),
        ("same", "Cùng vụ", [("state", SAME)]),
        ("closed", "Đã đóng", [("state", closed)]),
        ("all", "Tất cả", [("state", "")]),
    )
    now = dict(query)
    known = ("state", "owner")
    place = {name: now.get(name, "") for name in known}
    found = []
    for code, source, wanted in every:
        count = f" {reader.number(counts[code])}" if code in counts else ""
        current = place == {name: dict(wanted).get(name, "") for name in known}
        found.append(Choice(reader.text(source) + count, at("/alerts", wanted), code, current))
    return tuple(found)


def selects(query: Query, reader: Reader) -> tuple[Select, ...]:
    """The lists of the filter form with what is chosen; a choice the lists do not have is offered as it is."""
    now = dict(query)
    states = {
        "open": "đang mở",
        MAINTENANCE: "trong bảo trì",
        CONSEQUENCE: "hệ quả",
        SAME: "cùng vụ",
        **{state.value: name for state, name in words.STATES.items()},
    }
    levels = [(str(number), words.level(reader, number)) for number in range(5, 0, -1)]
    offered: Mapping[str, tuple[str, Sequence[tuple[str, str]]]] = {
        "state": ("Trạng thái", [(code, reader.text(name)) for code, name in states.items()]),
        "priority": ("Ưu tiên", [(str(number), Mark.of(number).text) for number in range(1, 6)]),
        "level": ("Cấp độ", [*levels, ("unclassified", reader.text(words.UNCLASSIFIED))]),
        "severity": ("Mức nghiêm trọng", [(code, reader.text(name)) for code, name in words.SEVERITIES.items()]),
    }
    return tuple(
        Select(name, reader.text(label), _options(options, now.get(name, ""), reader))
        for name, (label, options) in offered.items()
    )


def chips(query: Query, registry: Registry, reader: Reader) -> tuple[Chip, ...]:
    """The filters that are set and not on the form."""
    found = []
    for name, value in query:
        if name in CHIPS and value:
            without = at("/alerts", [pair for pair in query if pair != (name, value)])
            said = registry.named(value) if name == "unit" else value
            said = registry.placement(value).name if name == "asset" else said
            found.append(Chip(name, f"{reader.text(CHIP_NAMES[name])}: {words.visible(said)}", value, without))
    return tuple(found)


def _options(offered: Sequence[tuple[str, str]], chosen: str, reader: Reader) -> tuple[Choice, ...]:
    known = [("", reader.text("tất cả")), *offered]
    if chosen not in dict(known):
        known.append((chosen, words.visible(chosen)))
    return tuple(Choice(text, "", code, code == chosen) for code, text in known)
