# SPDX-License-Identifier: Apache-2.0
"""Which reports on an incident the law asks for, by when, and how each stands. Decides only; the clock comes in.

Immediately, 24 hours and 72 hours are Decree 331/2026, article 31, clause 2, point d, on Law 116/2025; 72 hours to the
authority for personal data are Law 91/2025, article 23. All of them count from the moment of detection.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from giamsat_collector.incidents.incident import Incident, Report, Sent

HOUR_NS: Final = 3600 * 10**9
NEAR_NS: Final = 4 * HOUR_NS
"""So long before its end a deadline is shown as near."""
_DECREE: Final = "Luật An ninh mạng số 116/2025/QH15; điểm d khoản 2 Điều 31 Nghị định số 331/2026/NĐ-CP"
_PERSONAL: Final = "Điều 23 Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15"
_POLICE: Final = "Lực lượng chuyên trách bảo vệ an ninh mạng thuộc Bộ Công an"


@dataclass(frozen=True, slots=True)
class Duty:
    """A report: how many hours after detection it is due, to whom, and by which law."""

    report: Report
    hours: int
    addressee: str
    law: str


DUTIES: Final = {
    duty.report: duty
    for duty in (
        Duty(Report.IMMEDIATE, 0, _POLICE, _DECREE),
        Duty(Report.INITIAL, 24, _POLICE, _DECREE),
        Duty(Report.FULL, 72, _POLICE, _DECREE),
        Duty(Report.PERSONAL_DATA, 72, "Cơ quan chuyên trách bảo vệ dữ liệu cá nhân", _PERSONAL),
    )
}


class Standing(StrEnum):
    """How a report stands: sent, not due yet, due soon, or too late. What is due immediately is late until sent."""

    SENT = "sent"
    DUE = "due"
    NEAR = "near"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Owed:
    """A report that is owed, until when, and where it was sent the first time it was."""

    duty: Duty
    due_ns: int
    sent: Sent | None

    @property
    def at_once(self) -> bool:
        """Whether it is due immediately: the law names no number, so that once it is sent it is said after how long."""
        return self.duty.hours == 0

    @property
    def was_late(self) -> bool:
        """Whether it was sent when its deadline had passed."""
        return self.sent is not None and not self.at_once and self.sent.sent_ns > self.due_ns

    def standing(self, now_ns: int) -> Standing:
        """How it stands now."""
        if self.sent is not None:
            return Standing.SENT
        if now_ns > self.due_ns:
            return Standing.LATE
        return Standing.NEAR if self.left_ns(now_ns) <= NEAR_NS else Standing.DUE

    def left_ns(self, now_ns: int) -> int:
        """How long there is until it is due; below zero is how late it is, or was when it was sent."""
        return self.due_ns - (now_ns if self.sent is None else self.sent.sent_ns)


def owed(incident: Incident, sent: Iterable[Sent]) -> tuple[Owed, ...]:
    """Every report that is owed, the first due first."""
    counted = sorted((one for one in sent if one.withdrawn_ns is None), key=lambda one: one.sent_ns, reverse=True)
    first = {one.report: one for one in counted}
    return tuple(
        Owed(duty, incident.detected_ns + duty.hours * HOUR_NS, first.get(duty.report))
        for duty in DUTIES.values()
        if _applies(duty.report, incident)
    )


def unsent(incident: Incident, sent: Iterable[Sent]) -> tuple[Owed, ...]:
    """Those of them that were not sent."""
    return tuple(one for one in owed(incident, sent) if one.sent is None)


def _applies(report: Report, incident: Incident) -> bool:
    match report:
        case Report.IMMEDIATE:
            return incident.security_interest or incident.interruption
        case Report.PERSONAL_DATA:
            return incident.personal_data
        case _:
            return incident.grave
