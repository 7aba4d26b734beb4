# SPDX-License-Identifier: Apache-2.0
"""How a source is, and what to do about it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from giamsat_rules.rule import Texts

MINUTE_NS: Final = 60 * 10**9
RECENT: Final = 60
"""Minutes for which a loss is shown."""
JOURNAL: Final = "journald"


def is_log(source: str) -> bool:
    """Whether a source is a log of the host itself."""
    return source.startswith("/") or source == JOURNAL


def is_packets(source: str) -> bool:
    """Whether a source is what a network interface of the host sees."""
    return source.startswith("packets ")


class Condition(StrEnum):
    """How a source is, worst first."""

    STOPPED = "stopped"
    LOSING = "losing"
    THROTTLED = "throttled"
    WAITING = "waiting"
    QUIET = "quiet"
    FLOWING = "flowing"


@dataclass(frozen=True, slots=True)
class Source:
    """One source now: `lacking` and `throttled` are of the last hour, `heard_ns` is when its newest event came."""

    up: bool | None
    heard_ns: int | None
    spooled: int
    lacking: int
    throttled: int

    def condition(self, now_ns: int) -> Condition:
        """How it is."""
        if self.up is False:
            return Condition.STOPPED
        if self.lacking:
            return Condition.LOSING
        if self.throttled:
            return Condition.THROTTLED
        if self.spooled:
            return Condition.WAITING
        recent = self.heard_ns is not None and now_ns - self.heard_ns <= RECENT * MINUTE_NS
        return Condition.FLOWING if recent else Condition.QUIET


STEPS: Final[Mapping[Condition, Texts]] = {
    Condition.STOPPED: Texts(
        "Trên máy chạy giamsat-agent doctor: nói nguồn nào không đọc được và cấp quyền thế nào",
        "On the host run giamsat-agent doctor: it says what cannot be read and how to grant it",
    ),
    Condition.LOSING: Texts(
        "Trên máy chạy giamsat-agent status và spool show; tăng [spool] trong agent.toml hoặc đường truyền",
        "On the host run giamsat-agent status and spool show; enlarge [spool] in agent.toml, or the link",
    ),
    Condition.THROTTLED: Texts(
        "Giảm mức ghi nhật ký của nguồn này: nó gửi nhiều hơn phần của mình",
        "Lower what this source logs: it sends more than its share",
    ),
    Condition.WAITING: Texts(
        "Chờ agent gửi bù; nếu không giảm, xem đường truyền bằng giamsat-agent status",
        "Wait for the agent to catch up; if it does not, look at the link with giamsat-agent status",
    ),
}
"""The next step where there is one to take."""
OF_DEVICES: Final = Texts(
    "Trên máy có agent chạy giamsat-agent devices poll với địa chỉ của thiết bị",
    "On the agent's host run giamsat-agent devices poll with the device's address",
)
OF_PACKETS: Final = Texts(
    "Trên máy chạy systemctl status giamsat-capture và xem cổng mạng",
    "On the host run systemctl status giamsat-capture and look at the interface",
)


def step_of(source: str, condition: Condition) -> Texts | None:
    """What to do about a source in this condition; None where nothing is to be done."""
    if condition is Condition.STOPPED and source.startswith("snmp "):
        return OF_DEVICES
    if condition is Condition.STOPPED and is_packets(source):
        return OF_PACKETS
    return STEPS.get(condition)
