# SPDX-License-Identifier: Apache-2.0
"""A notice in words, for people. What hosts sent stands in it, made harmless and bounded."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final, Literal

from giamsat_collector.alerts.shape import main_source
from giamsat_collector.notifier import Notice
from giamsat_collector.notify_settings import What

Language = Literal["vi", "en"]

_WHAT: Final = {
    "vi": {What.OPEN: "Cảnh báo mới", What.REOPEN: "Cảnh báo được mở lại", What.CLOSE: "Cảnh báo đã đóng"},
    "en": {What.OPEN: "New alert", What.REOPEN: "Alert opened again", What.CLOSE: "Alert closed"},
}
_NAMES: Final = {
    "vi": ("Máy", "Đơn vị", "Hệ thống", "Cấp độ", "Số lần", "Nguồn", "Lần đầu", "Lần cuối", "Xem"),
    "en": ("Host", "Unit", "System", "Level", "Count", "Source", "First", "Last", "See"),
}
_UNCLASSIFIED: Final = {"vi": "chưa phân loại", "en": "unclassified"}
CHARACTERS: Final = 200


def title(notice: Notice, language: Language) -> str:
    """One line: how urgent, what, where."""
    alert = notice.alert
    return one_line(f"P{alert.priority} {_title(notice, language)}: {notice.host} ({notice.unit})")


def heading(notices: Sequence[Notice], language: Language) -> str:
    """One line for all of them: of the most urgent, and how many there are."""
    first = title(min(notices, key=lambda notice: (notice.alert.priority, notice.number)), language)
    others = len(notices) - 1
    if not others:
        return first
    return f"{first} (+{others})"


def text(notices: Sequence[Notice], language: Language, zone: tzinfo) -> str:
    """All of them, the most urgent first, each with what a person needs to decide whether to get up."""
    ordered = sorted(notices, key=lambda notice: (notice.alert.priority, notice.number))
    return "\n\n".join(_paragraph(notice, language, zone) for notice in ordered) + "\n"


def one_line(said: object) -> str:
    """Text as one bounded line: what a screen would not show, or would let reorder the line, becomes a space."""
    return "".join(one if one.isprintable() else " " for one in str(said))[:CHARACTERS]


def _title(notice: Notice, language: Language) -> str:
    return notice.alert.title_vi if language == "vi" else notice.alert.title_en


def _paragraph(notice: Notice, language: Language, zone: tzinfo) -> str:
    alert = notice.alert
    values = (
        f"{notice.host}  ({alert.asset})",
        notice.unit,
        alert.system or "-",
        alert.level if alert.level is not None else _UNCLASSIFIED[language],
        alert.count,
        main_source(alert) or "-",
        _moment(alert.first_ns, zone),
        _moment(alert.last_ns, zone),
        notice.address,
    )
    lines = [f"{_WHAT[language][notice.what]}: P{alert.priority} {one_line(_title(notice, language))}"]
    lines += [f"  {name:<9} {one_line(value)}" for name, value in zip(_NAMES[language], values, strict=True)]
    return "\n".join(lines)


def _moment(ns: int, zone: tzinfo) -> str:
    """Local time with UTC beside it."""
    at = datetime.fromtimestamp(ns / 1e9, UTC)
    return f"{at.astimezone(zone):%d/%m/%Y %H:%M:%S} ({at:%H:%M:%S} UTC)"
