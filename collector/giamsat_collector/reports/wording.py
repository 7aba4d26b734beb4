# SPDX-License-Identifier: Apache-2.0
"""What reports call things."""

from typing import Final

from giamsat_collector.alerts.alert import State
from giamsat_collector.coverage.decide import State as Covered

SEVERITIES: Final = {
    "critical": "Nghiêm trọng",
    "high": "Cao",
    "medium": "Trung bình",
    "low": "Thấp",
    "informational": "Thông tin",
}
ALERT: Final = {
    State.NEW: "Mới",
    State.ACKNOWLEDGED: "Đã tiếp nhận",
    State.ASSIGNED: "Đã giao",
    State.WAITING: "Chờ đơn vị",
    State.RESOLVED: "Đã xử lý",
    State.FALSE_POSITIVE: "Báo động giả",
}
COVERED: Final = {
    Covered.MET: "Đạt",
    Covered.PARTLY: "Đạt một phần",
    Covered.UNMET: "Chưa đạt",
    Covered.UNKNOWN: "Chưa có dữ liệu",
}
LANES: Final = {"urgent": "khẩn", "event": "sự kiện", "metric": "chỉ số", "bulk": "dữ liệu lớn"}
LEVELS: Final = (5, 4, 3, 2, 1)
