# SPDX-License-Identifier: Apache-2.0
"""What reports call things."""

from typing import Final

from giamsat_collector.alerts.alert import State
from giamsat_collector.coverage.decide import State as Covered
from giamsat_collector.incidents.incident import Group, Report

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
GROUPS: Final = {
    Group.MALWARE: "Mã độc",
    Group.INTRUSION: "Xâm nhập",
    Group.DOS: "Từ chối dịch vụ",
    Group.DATA_LEAK: "Lộ, lọt dữ liệu",
    Group.DEFACEMENT: "Thay đổi giao diện",
    Group.PHISHING: "Lừa đảo",
    Group.SUPPLIER: "Từ nhà cung cấp",
    Group.INSIDER: "Từ nội bộ",
    Group.OTHER: "Khác",
}
SENT_REPORTS: Final = {
    Report.IMMEDIATE: "Báo cáo nhanh",
    Report.INITIAL: "Thông báo ban đầu",
    Report.FULL: "Báo cáo nguyên nhân, phạm vi, biện pháp khắc phục",
    Report.PERSONAL_DATA: "Thông báo vi phạm về bảo vệ dữ liệu cá nhân",
}
LANES: Final = {"urgent": "khẩn", "event": "sự kiện", "metric": "chỉ số", "bulk": "dữ liệu lớn"}
LEVELS: Final = (5, 4, 3, 2, 1)
