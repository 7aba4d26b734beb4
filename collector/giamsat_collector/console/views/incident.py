# SPDX-License-Identifier: Apache-2.0
"""What the page of one incident prints."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import incidents, words
from giamsat_collector.console.views.frame import Choice
from giamsat_collector.console.views.incidents import GROUPS, REPORTS, OwedRow, Where
from giamsat_collector.console.views.queue import AlertRow
from giamsat_collector.incidents.incident import Change, Group, Incident, Report, State
from giamsat_collector.incidents.lifecycle import OPENED, Action, legal
from giamsat_collector.incidents.search import Whole
from giamsat_collector.registry.snapshot import Registry

DONE: Final = {
    OPENED: "mở sự cố",
    Action.ADD: "thêm cảnh báo",
    Action.REMOVE: "bỏ cảnh báo",
    Action.CHANGE: "sửa",
    Action.NOTE: "ghi chú",
    Action.SENT: "ghi nhận đã gửi báo cáo",
    Action.WITHDRAW: "rút ghi nhận đã gửi báo cáo",
    Action.CLOSE: "đóng sự cố",
    Action.REOPEN: "mở lại",
}
NAMES: Final = {
    "title": "tên",
    "group": "loại",
    "persons": "số người",
    "detected_ns": "thời điểm phát hiện",
    "owner": "người phụ trách",
    "told_by": "người báo",
    "unit": "đơn vị",
    "system": "hệ thống",
    "level": "cấp độ",
    "first_actions": "việc đã làm ngay",
    "cause": "nguyên nhân",
    "scope": "phạm vi",
    "remedy": "biện pháp khắc phục",
    **incidents.FLAGS,
}
"""What fields of an incident are called in its history."""
SHOWN: Final = 80
"""Characters of a text that the history shows."""
TEXTS: Final = {
    "first_actions": "Việc đã làm ngay",
    "cause": "Nguyên nhân",
    "scope": "Phạm vi, thiệt hại",
    "remedy": "Biện pháp khắc phục",
}
PLACED: Final = {
    "told_by": "Ai báo, bằng cách nào",
    "unit": "Đơn vị",
    "system": "Hệ thống",
}
"""What is said of an incident that a person told of."""
TICKS: Final = {
    "serious": "Nghiêm trọng",
    "security_interest": "Có dấu hiệu xâm hại an ninh quốc gia, trật tự an toàn xã hội",
    "interruption": "Gián đoạn nghiêm trọng dịch vụ",
    "personal_data": "Có dữ liệu cá nhân",
}


@dataclass(frozen=True, slots=True)
class Tick:
    """A box to tick."""

    name: str
    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Known:
    """Units and systems by their ids and names, for who writes where something is."""

    units: tuple[tuple[str, str], ...]
    systems: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, registry: Registry) -> "Known":
        """Those that stand."""
        units = ((one.id, words.visible(one.name)) for one in registry.units.values())
        return cls(tuple(units), tuple((one.id, words.visible(one.name)) for one in registry.systems.values()))


@dataclass(frozen=True, slots=True)
class Text:
    """What is known about one thing: as the page shows it, and as the form holds it."""

    name: str
    label: str
    shown: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history."""

    at: Moment
    actor: str
    did: str
    what: str
    note: str


@dataclass(frozen=True, slots=True)
class IncidentView:
    """The page of one incident."""

    number: str
    address: str
    title: str
    title_field: str
    owner_field: str
    describing: bool
    group: str
    flags: tuple[str, ...]
    persons: str
    state: str
    open: bool
    owner: str
    where: tuple[Where, ...]
    detected: Moment
    detected_why: str
    detected_field: str
    told_by: str
    placed: tuple[Text, ...]
    known: Known
    opened: Moment
    opened_by: str
    closed: Moment | None
    owed: tuple[OwedRow, ...]
    texts: tuple[Text, ...]
    alerts: tuple[AlertRow, ...]
    recorded: tuple[Choice, ...]
    history: tuple[Step, ...]
    groups: tuple[Choice, ...]
    ticks: tuple[Tick, ...]
    persons_field: str
    reports: tuple[Choice, ...]
    moves: frozenset[str]
    revision: int

    @classmethod
    def of(
        cls, whole: Whole, registry: Registry, reader: Reader, said: Mapping[str, str] = MappingProxyType({})
    ) -> "IncidentView":
        """An incident and what belongs to it, as it looks to a reader now; what they said and was refused stays."""
        incident = whole.incident
        recorded = {one.report for one in whole.sent if one.withdrawn_ns is None}
        unsent = [one.duty.report for one in whole.owed if one.sent is None]
        return cls(
            number=str(incident.number),
            address=f"/incidents/{incident.number}",
            title=words.visible(incident.title),
            title_field=said.get("title", incident.title),
            owner_field=said.get("owner", incident.owner),
            describing=bool(said.keys() & TEXTS.keys()),
            group=reader.text(GROUPS[incident.group]),
            flags=incidents.flags(incident, reader),
            persons=_persons(incident, reader),
            state=reader.text(incidents.STATES[incident.state]),
            open=incident.state is State.OPEN,
            owner=words.visible(incident.owner),
            where=tuple(Where.of(place, registry, reader) for place in whole.places),
            detected=reader.moment(incident.detected_ns),
            detected_why=words.visible(incident.detected_why),
            detected_field=field(incident.detected_ns, reader),
            told_by=words.visible(incident.told_by),
            placed=tuple(
                Text(name, reader.text(label), "", said.get(name, getattr(incident, name) or ""))
                for name, label in PLACED.items()
                if incident.unit
            ),
            known=Known.of(registry),
            opened=reader.moment(incident.opened_ns),
            opened_by=words.visible(incident.opened_by),
            closed=None if incident.closed_ns is None else reader.moment(incident.closed_ns),
            owed=tuple(OwedRow.of(one, reader) for one in whole.owed),
            texts=tuple(_text(name, label, incident, said, reader) for name, label in TEXTS.items()),
            alerts=tuple(AlertRow.of(alert, registry, reader) for alert in whole.alerts),
            recorded=incidents.choices(
                [(report.value, text) for report, text in REPORTS.items() if report in recorded], "", reader
            ),
            history=tuple(_step(change, reader) for change in whole.history),
            groups=groups(incident.group.value, reader),
            ticks=ticks({name: getattr(incident, name) for name in TICKS}, reader),
            persons_field="" if incident.persons is None else str(incident.persons),
            reports=incidents.choices(
                [(report.value, text) for report, text in REPORTS.items()], unsent[0] if unsent else "", reader
            ),
            moves=frozenset(action.value for action in legal(incident.state)),
            revision=incident.revision,
        )


def groups(chosen: str, reader: Reader) -> tuple[Choice, ...]:
    """The kinds of incidents."""
    return incidents.choices([(group.value, GROUPS[group]) for group in Group], chosen, reader)


def ticks(ticked: Mapping[str, bool], reader: Reader) -> tuple[Tick, ...]:
    """What decides about reports, to tick."""
    return tuple(Tick(name, reader.text(label), ticked[name]) for name, label in TICKS.items())


def field(ns: int, reader: Reader) -> str:
    """A moment as a form's field holds it: to the minute, in the reader's zone."""
    return reader.local(ns).strftime("%Y-%m-%dT%H:%M")


def _text(name: str, label: str, incident: Incident, said: Mapping[str, str], reader: Reader) -> Text:
    known = getattr(incident, name)
    return Text(name, reader.text(label), words.visible(known), said.get(name, known))


def _persons(incident: Incident, reader: Reader) -> str:
    if not incident.personal_data:
        return ""
    if incident.persons is None:
        return reader.text("chưa rõ số người")
    return reader.text("{number} người", count=incident.persons, number=reader.number(incident.persons))


def _step(change: Change, reader: Reader) -> Step:
    return Step(
        at=reader.moment(change.at_ns),
        actor=words.visible(change.actor),
        did=reader.text(DONE.get(change.action, change.action)),
        what=", ".join(_what(change, reader)),
        note=words.visible(change.note),
    )


def _what(change: Change, reader: Reader) -> Iterable[str]:
    for name, value in change.details.items():
        if name == "alerts" and isinstance(value, list):
            yield reader.text("{number} cảnh báo", count=len(value), number=reader.number(len(value)))
        elif name == "report":
            yield reader.text(REPORTS[Report(str(value))])
        elif name == "document":
            yield words.visible(value)
        elif isinstance(value, list):
            yield f"{reader.text(NAMES[name])}: {' → '.join(_value(name, one, reader) for one in value)}"
        elif name == "detected_ns":
            yield f"{reader.text(NAMES[name])}: {_value(name, value, reader)}"
        elif name == "sent_ns":
            yield _value(name, value, reader)


def _value(name: str, value: object, reader: Reader) -> str:
    """A value of a field as the history shows it: long texts by their beginning."""
    if name.endswith("_ns"):
        return reader.moment(int(str(value))).local
    if name == "group":
        return reader.text(GROUPS[Group(str(value))])
    if isinstance(value, bool):
        return reader.text("có") if value else reader.text("không")
    text = words.visible("—" if value in {None, ""} else value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
