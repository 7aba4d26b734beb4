# SPDX-License-Identifier: Apache-2.0
"""The few figures a person asks for first, as lines."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any, Final

from giamsat_collector.commands.moment import moment

NAMES: Final = {
    "version": "phiên bản / version",
    "console": "bảng điều khiển / console",
    "console_port": "cổng bảng điều khiển / console port",
    "ingest_port": "cổng nhận / ingest port",
    "enrol_port": "cổng ghi danh / enrolment port",
    "agents": "agent / agents",
    "units": "đơn vị / units",
    "systems": "hệ thống / systems",
    "frames_received": "khung đã nhận / frames received",
    "frames_judged": "khung đã xét / frames judged",
    "judging": "xét / judging",
    "frames_quarantined": "khung hỏng để riêng / frames set aside",
    "frames_archived": "khung đã lưu trữ / frames archived",
    "archive_failures": "lần lưu trữ hỏng / archive failures",
    "last_backup": "sao lưu gần nhất / last backup",
    "database_size_bytes": "cơ sở dữ liệu / database",
    "database_free_bytes": "chỗ dùng lại được / free again in it",
    "incidents_open": "sự cố đang xử lý / incidents open",
    "incident_reports_late": "báo cáo quá hạn / reports late",
    "signer": "bộ ký / signer",
    "rules": "quy tắc / rules",
    "rules_disabled": "quy tắc bị tắt / rules disabled",
}
STATES: Final = {
    "live": "đang báo cáo / live",
    "silent": "im lặng / silent",
    "stopped": "đã dừng / stopped",
    "revoked": "bị thu hồi / revoked",
    "never_seen": "chưa kết nối / never seen",
}
BEGIN: Final = {"last_backup": "backup make FOLDER", "agents": "enrol issue --unit UNIT"}
"""What makes the first of what there is none of."""
WIDTH: Final = 42


def told(found: Mapping[str, Any], zone: tzinfo) -> Iterator[str]:
    """A line for each figure, by the name a person knows it by; times in `zone`, with UTC beside them."""
    for key, value in found.items():
        yield f"{NAMES.get(key, key):<{WIDTH}}{_said(key, value, zone)}"


def _said(key: str, value: object, zone: tzinfo) -> str:
    match key, value:
        case (("last_backup" | "agents"), None | dict()) if not value:
            return f"chưa có / none yet: giamsat-collector {BEGIN[key]}"
        case "last_backup", str():
            return moment(value, zone)
        case "database_size_bytes" | "database_free_bytes", int():
            return f"{value / 1e6:,.1f} MB"
        case "agents", dict():
            return ", ".join(f"{count} {STATES.get(state, state)}" for state, count in sorted(value.items()))
        case _, dict():
            return "; ".join(f"{name}: {why}" for name, why in sorted(value.items())) or "không / none"
        case _:
            return str(value)
