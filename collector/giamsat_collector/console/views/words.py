# SPDX-License-Identifier: Apache-2.0
"""What the console calls things, in its source language."""

from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.alert import State
from giamsat_collector.alerts.lifecycle import (
    BEHIND,
    CAUSED,
    FOLDED,
    OPENED,
    RELEASED,
    SAME,
    SURFACED,
    UNFOLDED,
    Action,
)
from giamsat_collector.console.reader import Reader
from giamsat_wire import printable

STATES: Final = {
    State.NEW: "mới",
    State.ACKNOWLEDGED: "đã tiếp nhận",
    State.ASSIGNED: "đã giao",
    State.WAITING: "chờ đơn vị",
    State.RESOLVED: "đã xử lý",
    State.FALSE_POSITIVE: "báo động giả",
}
SEVERITIES: Final = {
    "critical": "nghiêm trọng",
    "high": "cao",
    "medium": "trung bình",
    "low": "thấp",
    "informational": "thông tin",
}
ACTIONS: Final = {
    Action.ACKNOWLEDGE: "Tiếp nhận",
    Action.ASSIGN: "Giao xử lý",
    Action.WAIT: "Chờ đơn vị",
    Action.RESOLVE: "Đã xử lý",
    Action.FALSE_POSITIVE: "Báo động giả",
    Action.REOPEN: "Mở lại",
    Action.NOTE: "Ghi chú",
}
DONE: Final = {
    OPENED: "mở cảnh báo",
    SURFACED: "đưa vào hàng đợi khi hết bảo trì",
    CAUSED: "chuyển khỏi hàng đợi vì là hệ quả của cảnh báo",
    BEHIND: "xếp là hệ quả của cảnh báo",
    RELEASED: "đưa vào hàng đợi vì vẫn im lặng sau khi hết nguyên nhân",
    FOLDED: "chuyển khỏi hàng đợi vì cùng vụ với cảnh báo",
    SAME: "xếp sau cảnh báo nói về cùng vụ",
    UNFOLDED: "đưa vào hàng đợi vì không còn được đại diện bởi cảnh báo",
    Action.ACKNOWLEDGE: "tiếp nhận",
    Action.ASSIGN: "giao xử lý",
    Action.WAIT: "chuyển sang chờ đơn vị",
    Action.RESOLVE: "kết luận đã xử lý",
    Action.FALSE_POSITIVE: "kết luận báo động giả",
    Action.REOPEN: "mở lại",
    Action.NOTE: "ghi chú",
}
NEEDS_NOTE: Final = frozenset({Action.RESOLVE, Action.FALSE_POSITIVE, Action.REOPEN, Action.NOTE})
"""Actions that the life cycle refuses without a reason."""
SHAPES: Final = {1: "■", 2: "▲", 3: "◆", 4: "●", 5: "○"}
"""A shape for each priority, so that colour is never the only sign."""
UNCLASSIFIED: Final = "chưa phân loại"


@dataclass(frozen=True, slots=True)
class Mark:
    """A priority: its number, its shape, and the class that colours it."""

    text: str
    shape: str
    kind: str

    @classmethod
    def of(cls, priority: int) -> "Mark":
        """The mark of a priority."""
        return cls(f"P{priority}", SHAPES.get(priority, "?"), f"p{priority}")


def level(reader: Reader, value: int | None) -> str:
    """A protection level; an asset without one is said to have none, never a low one."""
    return reader.text(UNCLASSIFIED) if value is None else reader.text("cấp {level}", level=value)


def lacking(action: str, *, note: str, owner: str) -> str | None:
    """What somebody must still write down for an action; None when nothing is missing."""
    if action in NEEDS_NOTE and not note.strip():
        return "Việc này cần ghi lý do vào ô ghi chú."
    if action == Action.ASSIGN and not owner.strip():
        return "Cần ghi tên người xử lý."
    return None


def visible(text: object) -> str:
    """Text from a host as it is, with what a screen would not show, or would let reorder the line, made visible."""
    return printable.visible(text if isinstance(text, str) else str(text))
