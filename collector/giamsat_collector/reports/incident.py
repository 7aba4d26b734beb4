# SPDX-License-Identifier: Apache-2.0
"""The reports on an incident: what is known of it, and a blank for what is not.

No form of the authority has been issued for any of them; each says so.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from giamsat_collector.event_time import instant
from giamsat_collector.incidents.duties import DUTIES, HOUR_NS, Duty
from giamsat_collector.incidents.incident import Incident, Report
from giamsat_collector.incidents.search import Whole
from giamsat_collector.incidents.shape import as_full_json
from giamsat_collector.reports.document import Page, Paper, Part, Table
from giamsat_collector.reports.scope import Scope
from giamsat_collector.reports.wording import GROUPS, SENT_REPORTS, SEVERITIES
from giamsat_wire.clock import SECOND_NS

BLANK: Final = "…" * 32
"""A line to write on."""
FORM: Final = "(Không theo mẫu do cơ quan nhà nước ban hành)"
LISTED: Final = 30
"""Alerts that are listed, the earliest first."""
TITLES: Final = {
    Report.IMMEDIATE: "BÁO CÁO NHANH SỰ CỐ AN NINH MẠNG",
    Report.INITIAL: "THÔNG BÁO BAN ĐẦU VỀ SỰ CỐ AN NINH MẠNG",
    Report.FULL: "BÁO CÁO NGUYÊN NHÂN, PHẠM VI VÀ BIỆN PHÁP KHẮC PHỤC SỰ CỐ AN NINH MẠNG",
    Report.PERSONAL_DATA: "THÔNG BÁO VI PHẠM VỀ BẢO VỆ DỮ LIỆU CÁ NHÂN",
}
NOTES: Final = (
    (
        "Ghi chú: đến thời điểm lập, chưa có mẫu chính thức cho báo cáo này; bố cục do phần mềm giám sát lập, "
        "đối chiếu với hướng dẫn của cơ quan tiếp nhận trước khi ký."
    ),
    "Chỗ để trống là nội dung chưa có thông tin tại thời điểm lập, không có nghĩa là không có.",
)
_INTERNAL: Final = frozenset({"history", "revision"})
"""What of an incident is nobody else's matter."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A report as it is drawn up: on which incident, which one, with the names of then, in which zone, and when."""

    whole: Whole
    report: Report
    scope: Scope
    zone: tzinfo
    now_ns: int

    @property
    def duty(self) -> Duty:
        """To whom it goes, and by which law."""
        return DUTIES[self.report]

    @property
    def due_ns(self) -> int:
        """Until when it is due."""
        return self.whole.incident.detected_ns + self.duty.hours * HOUR_NS

    def moment(self, ns: int) -> str:
        """A moment to the minute, in the zone, with UTC beside it."""
        at = datetime.fromtimestamp(ns // SECOND_NS, UTC)
        return f"{at.astimezone(self.zone):%H giờ %M phút, ngày %d/%m/%Y} ({at:%H:%M} UTC)"

    def short(self, ns: int) -> str:
        """The same for a table."""
        at = datetime.fromtimestamp(ns // SECOND_NS, UTC)
        return f"{at.astimezone(self.zone):%H:%M %d/%m/%Y} ({at:%H:%M} UTC)"


def compose(drawn: Drawn, agency: str) -> Paper:
    """The report on paper."""
    known = _personal(drawn) if drawn.report is Report.PERSONAL_DATA else _found(drawn)
    parts = (_general(drawn), _places(drawn), _course(drawn), *known)
    return Paper(
        form=FORM,
        agency=agency or "(CƠ QUAN BÁO CÁO)",
        about=f"sự cố an ninh mạng số {drawn.whole.incident.number}",
        title=TITLES[drawn.report],
        to=drawn.duty.addressee,
        parts=tuple(Part(f"{number}. {part.heading}", part.lines, part.table) for number, part in enumerate(parts, 1)),
        notes=NOTES,
        page=Page.UPRIGHT,
    )


def as_json(drawn: Drawn) -> dict[str, Any]:
    """The report for a program: what the paper holds, by its names."""
    said = as_full_json(drawn.whole, drawn.now_ns)
    for place in said["places"]:
        place["unit_name"] = drawn.scope.name(place["unit"])
        place["system_name"] = drawn.scope.system_name(place["system"]) if place["system"] else None
    return {
        "report": drawn.report.value,
        "official_form": False,
        "addressee": drawn.duty.addressee,
        "law": drawn.duty.law,
        "due": instant(drawn.due_ns),
        "drawn": instant(drawn.now_ns),
        "incident": {name: value for name, value in said.items() if name not in _INTERNAL},
    }


def _general(drawn: Drawn) -> Part:
    incident = drawn.whole.incident
    first_ns = min((one.first_ns for one in drawn.whole.alerts), default=None)
    began = "hệ thống giám sát chưa ghi nhận" if first_ns is None else drawn.moment(first_ns)
    seen = "hệ thống giám sát an ninh mạng tập trung"
    told = " và ".join(filter(None, (incident.told_by, seen if first_ns is not None else "")))
    why = f", lý do lấy thời điểm này: {incident.detected_why}" if incident.detected_why else ""
    return Part(
        "Thông tin chung",
        (
            f"- Tên sự cố: {incident.title};",
            f"- Loại sự cố: {GROUPS[incident.group]};",
            f"- Thời điểm phát hiện: {drawn.moment(incident.detected_ns)}{why};",
            f"- Thời điểm xảy ra sự kiện đầu tiên được ghi nhận: {began};",
            f"- Nguồn phát hiện: {told};",
            f"- Sự cố nghiêm trọng: {_yes(incident.serious)}; gián đoạn nghiêm trọng: {_yes(incident.interruption)};",
            f"- Dấu hiệu xâm hại an ninh quốc gia, trật tự an toàn xã hội: {_yes(incident.security_interest)};",
            f"- Dữ liệu cá nhân: {_persons(incident)};",
            f"- Căn cứ báo cáo: {drawn.duty.law}; hạn gửi: {drawn.moment(drawn.due_ns)};",
            f"- Người phụ trách xử lý: {incident.owner}; điện thoại: ……………………",
        ),
    )


def _places(drawn: Drawn) -> Part:
    """The systems it is about, by the names and levels of then."""
    counted = Counter((one.unit, one.system) for one in drawn.whole.alerts)
    rows = tuple(
        (
            number,
            drawn.scope.name(place.unit) if place.unit else None,
            drawn.scope.system_name(place.system) if place.system else None,
            "Chưa phân loại" if place.level is None else place.level,
            counted[place.unit, place.system],
        )
        for number, place in enumerate(drawn.whole.places, 1)
    )
    heads = ("STT", "Đơn vị", "Hệ thống thông tin", "Cấp độ", "Số cảnh báo")
    return Part("Hệ thống bị ảnh hưởng", table=Table(heads, rows, (13, 51, 56, 22, 18)))


def _course(drawn: Drawn) -> Part:
    every = drawn.whole.alerts
    if not every:
        return Part("Diễn biến, dấu hiệu", ("Hệ thống giám sát chưa có cảnh báo nào về sự cố này.", BLANK))
    rows = tuple(
        (
            number,
            drawn.short(one.opened_ns),
            one.title_vi,
            drawn.scope.asset_name(one.asset),
            SEVERITIES.get(one.severity, one.severity),
            one.count,
        )
        for number, one in enumerate(every[:LISTED], 1)
    )
    cut = (f"Liệt kê {LISTED} trong {len(every)} cảnh báo, sớm nhất trước.",) if len(every) > LISTED else ()
    heads = ("STT", "Thời điểm", "Dấu hiệu", "Máy", "Mức độ", "Số lần")
    return Part("Diễn biến, dấu hiệu", cut, Table(heads, rows, (13, 33, 45, 31, 18, 20)))


def _found(drawn: Drawn) -> tuple[Part, ...]:
    incident = drawn.whole.incident
    done = Part("Biện pháp đã thực hiện ngay", _lines(incident.first_actions))
    if drawn.report is not Report.FULL:
        return (
            done,
            Part("Nhận định ban đầu về phạm vi, thiệt hại", _lines(incident.scope)),
            Part("Đề nghị hỗ trợ", (BLANK,)),
        )
    return (
        done,
        Part("Nguyên nhân", _lines(incident.cause)),
        Part("Phạm vi, thiệt hại", _lines(incident.scope)),
        Part("Biện pháp khắc phục", _lines(incident.remedy)),
        Part("Báo cáo đã gửi trước đó", _before(drawn)),
        Part("Đề nghị hỗ trợ", (BLANK,)),
    )


def _personal(drawn: Drawn) -> tuple[Part, ...]:
    incident = drawn.whole.incident
    return (
        Part("Loại dữ liệu cá nhân liên quan", (BLANK,)),
        Part("Số lượng chủ thể dữ liệu", (BLANK if incident.persons is None else _number(incident.persons),)),
        Part("Phạm vi, hậu quả có thể xảy ra", _lines(incident.scope)),
        Part("Biện pháp đã thực hiện và khắc phục", _lines(f"{incident.first_actions}\n{incident.remedy}".strip())),
    )


def _before(drawn: Drawn) -> tuple[str, ...]:
    sent = [one for one in drawn.whole.sent if one.withdrawn_ns is None]
    return tuple(f"- {SENT_REPORTS[one.report]}: số {one.document}, {drawn.moment(one.sent_ns)};" for one in sent) or (
        "Chưa có.",
    )


def _lines(text: str) -> tuple[str, ...]:
    """What is known, line by line; where nothing is, room to write."""
    return tuple(line for line in text.splitlines() if line.strip()) or (BLANK, BLANK)


def _persons(incident: Incident) -> str:
    if not incident.personal_data:
        return _yes(incident.personal_data)
    if incident.persons is None:
        return "có, số người chưa xác định"
    return f"có, liên quan {_number(incident.persons)} người"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _yes(found: bool) -> str:  # noqa: FBT001 - what is found is what is said
    return "có" if found else "không"
