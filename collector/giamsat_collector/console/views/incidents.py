# SPDX-License-Identifier: Apache-2.0
"""What the list of incidents prints."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice, at
from giamsat_collector.incidents.duties import Owed, Standing
from giamsat_collector.incidents.incident import Group, Incident, Place, Report, State
from giamsat_collector.incidents.search import Listed, Listing
from giamsat_collector.registry.snapshot import Registry

GROUPS: Final = {
    Group.MALWARE: "mã độc",
    Group.INTRUSION: "xâm nhập",
    Group.DOS: "từ chối dịch vụ",
    Group.DATA_LEAK: "lộ, lọt dữ liệu",
    Group.DEFACEMENT: "thay đổi giao diện",
    Group.PHISHING: "lừa đảo",
    Group.SUPPLIER: "từ nhà cung cấp",
    Group.INSIDER: "từ nội bộ",
    Group.OTHER: "khác",
}
STATES: Final = {State.OPEN: "đang xử lý", State.CLOSED: "đã đóng"}
REPORTS: Final = {
    Report.IMMEDIATE: "Báo ngay",
    Report.INITIAL: "Thông báo ban đầu",
    Report.FULL: "Nguyên nhân, phạm vi, khắc phục",
    Report.PERSONAL_DATA: "Thông báo vi phạm dữ liệu cá nhân",
}
FLAGS: Final = {
    "serious": "sự cố nghiêm trọng",
    "security_interest": "dấu hiệu xâm hại an ninh, trật tự",
    "interruption": "gián đoạn nghiêm trọng",
    "personal_data": "có dữ liệu cá nhân",
}
STANDINGS: Final = {
    Standing.LATE: "quá hạn",
    Standing.NEAR: "sắp đến hạn",
    Standing.DUE: "còn hạn",
    Standing.SENT: "đã gửi",
}
TABS: Final = (("open", "Đang xử lý"), ("closed", "Đã đóng"), ("all", "Tất cả"))


@dataclass(frozen=True, slots=True)
class OwedRow:
    """A report that is owed: until when, how it stands in a word and in time, and how it was sent."""

    report: str
    code: str
    due: Moment
    standing: str
    standing_code: str
    left: str
    addressee: str
    law: str
    sent: Moment | None
    document: str
    actor: str

    @classmethod
    def of(cls, one: Owed, reader: Reader) -> "OwedRow":
        """A report as it stands for a reader now."""
        standing, sent = one.standing(reader.now_ns), one.sent
        return cls(
            report=reader.text(REPORTS[one.duty.report]),
            code=one.duty.report.value,
            due=reader.moment(one.due_ns),
            standing=reader.text(STANDINGS[standing]),
            standing_code=standing.value,
            left=left(one, reader),
            addressee=one.duty.addressee,
            law=one.duty.law,
            sent=None if sent is None else reader.moment(sent.sent_ns),
            document="" if sent is None else words.visible(sent.document),
            actor="" if sent is None else words.visible(sent.actor),
        )


@dataclass(frozen=True, slots=True)
class Where:
    """Where alerts of an incident came from."""

    unit: str
    system: str
    level: str
    unclassified: bool

    @classmethod
    def of(cls, place: Place, registry: Registry, reader: Reader) -> "Where":
        """A place by its names, with the level of then."""
        system = registry.systems.get(place.system or "")
        return cls(
            unit=words.visible(registry.named(place.unit)),
            system=words.visible(system.name if system else place.system or ""),
            level=words.level(reader, place.level),
            unclassified=place.level is None,
        )


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One line of the list. `next` is the report that is due next, None when none is."""

    number: str
    address: str
    title: str
    group: str
    flags: tuple[str, ...]
    state: str
    state_code: str
    where: Where | None
    more: str
    alerts: str
    detected: Moment
    next: OwedRow | None
    owner: str

    @classmethod
    def of(cls, row: Listed, registry: Registry, reader: Reader) -> "IncidentRow":
        """An incident as it looks to a reader now."""
        incident, unsent = row.incident, [one for one in row.owed if one.sent is None]
        others = len({place.unit for place in row.places}) - 1
        return cls(
            number=str(incident.number),
            address=f"/incidents/{incident.number}",
            title=words.visible(incident.title),
            group=reader.text(GROUPS[incident.group]),
            flags=flags(incident, reader),
            state=reader.text(STATES[incident.state]),
            state_code=incident.state.value,
            where=Where.of(row.places[0], registry, reader) if row.places else None,
            more=reader.text("và {count} đơn vị khác", count=others) if others > 0 else "",
            alerts=reader.number(row.alerts),
            detected=reader.moment(incident.detected_ns),
            next=OwedRow.of(unsent[0], reader) if unsent and incident.state is State.OPEN else None,
            owner=words.visible(incident.owner),
        )


@dataclass(frozen=True, slots=True)
class IncidentsView:
    """The list; nothing is left out without saying so."""

    rows: tuple[IncidentRow, ...]
    tabs: tuple[Choice, ...]
    here: str
    more: str

    @classmethod
    def of(
        cls, tab: str, found: Listing, counts: Mapping[State, int], registry: Registry, reader: Reader
    ) -> "IncidentsView":
        """The incidents of a tab."""
        numbers = {**{state.value: number for state, number in counts.items()}, "all": sum(counts.values())}
        return cls(
            rows=tuple(IncidentRow.of(one, registry, reader) for one in found.rows),
            tabs=tuple(
                Choice(
                    f"{reader.text(text)} {reader.number(numbers[code])}",
                    at("/incidents", [("state", code)]),
                    code,
                    code == tab,
                )
                for code, text in TABS
            ),
            here=at("/incidents", [("state", tab)]),
            more=reader.text("Chỉ liệt kê {count} sự cố mới nhất.", count=len(found.rows)) if found.more else "",
        )


def flags(incident: Incident, reader: Reader) -> tuple[str, ...]:
    """What was found of an incident that decides about reports."""
    return tuple(reader.text(text) for name, text in FLAGS.items() if getattr(incident, name))


def left(one: Owed, reader: Reader) -> str:
    """How long there is until a report is due, or how late it is, or was; of one that is due at once, since when."""
    left_ns = one.left_ns(reader.now_ns)
    span = reader.span(abs(left_ns))
    if one.at_once:
        return reader.text("{span} sau khi phát hiện", span=span)
    if left_ns < 0:
        return reader.text("chậm {span}", span=span)
    return reader.text("còn {span}", span=span) if one.sent is None else ""


def choices(offered: Iterable[tuple[str, str]], chosen: str, reader: Reader) -> tuple[Choice, ...]:
    """The options of a list."""
    return tuple(Choice(reader.text(text), "", code, code == chosen) for code, text in offered)
