# SPDX-License-Identifier: Apache-2.0
"""How available systems were, as reports say it: maintenance left out, what nobody knows shown apart."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from giamsat_collector.availability.minutes import MINUTE_NS, Tally, hours, percent
from giamsat_collector.availability.months import Months
from giamsat_collector.registry.record import System
from giamsat_collector.reports.document import NO_DATA, Cell, Part, Table
from giamsat_collector.reports.period import Period
from giamsat_collector.reports.scope import Scope

LISTED: Final = 100
NOT_CHECKED: Final = "–"
HOW: Final = (
    "Tính từ kết quả kiểm tra đã nhận, trừ thời gian bảo trì đã khai báo. Thời gian không có dữ liệu được nêu riêng "
    "(“Không rõ”), không tính là sẵn sàng."
)
TIMES: Final = ("Ngừng (giờ:phút)", "Không rõ", "Bảo trì")


def by_month(heading: str, months: Months, scope: Scope, systems: Mapping[str, System]) -> Part:
    """Every system that was checked, month by month, the least available first."""
    checked = [systems[one] for one in months.systems if one in systems]
    if not checked:
        return Part(heading, _nothing(len(systems)))
    rows: list[tuple[Cell, ...]] = []
    for number, system in enumerate(sorted(checked, key=lambda one: (_share(months.whole(one.id)), one.id)), 1):
        whole = months.whole(system.id)
        shares = (NOT_CHECKED if one is None else _percent(one) for one in months.each(system.id))
        name = (number, system.name, scope.name(system.unit), system.level)
        rows.append((*name, *shares, _percent(whole), *_times(whole)))
    heads = ("STT", "Hệ thống thông tin", "Đơn vị", "Cấp độ", *(f"Tháng {one.name[5:]} (%)" for one in months.months))
    widths = (12, 44, 34, 13, *(14,) * len(months.months))
    table = Table((*heads, "Cả kỳ (%)", *TIMES), tuple(rows), (*widths, 16, 20, 16, 16))
    note = f"“{NOT_CHECKED}”: tháng đó hệ thống chưa được kiểm tra."
    return Part(heading, (HOW, _counted(len(checked), len(systems)), note), table)


def of_unit(heading: str, months: Months, systems: Iterable[System]) -> Part:
    """The systems of one unit in a month."""
    known = {one.id: one for one in systems}
    checked = [known[one] for one in sorted(months.systems) if one in known]
    if not checked:
        return Part(heading, _nothing(len(known)))
    found = ((system, months.whole(system.id)) for system in checked)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (number, system.name, system.level, _percent(whole), *_times(whole), len(whole.outages))
        for number, (system, whole) in enumerate(found, 1)
    )
    heads = ("STT", "Hệ thống thông tin", "Cấp độ", "Sẵn sàng (%)", *TIMES, "Số lần ngừng")
    return Part(
        heading, (HOW, _counted(len(checked), len(known))), Table(heads, rows, (14, 98, 22, 28, 27, 24, 22, 22))
    )


def outages(heading: str, months: Months, systems: Iterable[System], period: Period) -> Part:
    """When the systems of a unit did not work, and the maintenance that was declared for them."""
    names = {one.id: one.name for one in systems}
    every = sorted(
        (outage.first, names[one], "Ngừng", hours(outage.minutes), "")
        for one in months.systems & names.keys()
        for outage in months.whole(one).outages
    )
    declared = sorted(
        {
            (one.from_ns // MINUTE_NS, names[one.system], "Bảo trì", _length(one.from_ns, one.to_ns), said)
            for found in months.months
            for system in found.systems.keys() & names.keys()
            for one in found.systems[system].maintenances
            if one.withdrawn_ns is None
            for said in (one.reason if one.in_advance else f"{one.reason} (khai báo sau khi bắt đầu)",)
        }
    )
    listed = sorted((*every, *declared))[:LISTED]
    if not listed:
        none = "Không ghi nhận lần ngừng nào, không có bảo trì được khai báo."
        return Part(heading, (none if months.systems & names.keys() else f"Các lần ngừng: {NO_DATA}.",))
    cut = len(every) + len(declared) - len(listed)
    rows = tuple(
        (number, f"{datetime.fromtimestamp(first * 60, period.zone):%H:%M %d/%m/%Y}", name, what, length, why)
        for number, (first, name, what, length, why) in enumerate(listed, 1)
    )
    heads = ("STT", "Từ lúc", "Hệ thống thông tin", "Việc", "Kéo dài (giờ:phút)", "Lý do")
    lines = (f"Liệt kê {len(listed)} lần đầu, còn {cut} lần nữa.",) if cut else ()
    return Part(heading, lines, Table(heads, rows, (14, 36, 75, 22, 30, 80)))


def _nothing(registered: int) -> tuple[str, ...]:
    return (f"Mức độ sẵn sàng: {NO_DATA}; không hệ thống nào trong {registered} hệ thống được kiểm tra.",)


def _counted(checked: int, registered: int) -> str:
    return f"Số hệ thống được kiểm tra: {checked}/{registered}."


def _share(whole: Tally) -> float:
    """What is sorted by: those of which nothing is known stand before all others."""
    return -1.0 if whole.ratio is None else whole.ratio


def _percent(whole: Tally) -> str:
    return NO_DATA if whole.ratio is None else percent(whole.ratio).replace(".", ",")


def _times(whole: Tally) -> tuple[str, str, str]:
    return hours(whole.down), hours(whole.unknown), hours(whole.maintenance)


def _length(from_ns: int, to_ns: int) -> str:
    return hours((to_ns - from_ns) // MINUTE_NS)
