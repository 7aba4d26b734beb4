# SPDX-License-Identifier: Apache-2.0
"""Why somebody who connects is not let in: a reason that is counted, and a sentence that says what to do."""

from collections.abc import Mapping
from typing import Final

_ANEW_VI: Final = "hãy báo đầu mối để ghi danh lại máy này"
_ANEW: Final = "ask the SOC: this host must be enrolled anew"
SENTENCES: Final[Mapping[str, str]] = {
    "no_certificate": (
        "không có chứng thư: cổng này dành cho agent đã ghi danh; trước hết: giamsat-agent enrol / "
        "no certificate was shown: this port is for enrolled agents; first: giamsat-agent enrol"
    ),
    "malformed_certificate": f"không đọc được chứng thư; {_ANEW_VI} / the certificate cannot be read; {_ANEW}",
    "malformed_identity": (
        f"chứng thư không phải của agent; {_ANEW_VI} / the certificate is not one of an agent; {_ANEW}"
    ),
    "unknown_agent": (
        f"ở đây không có agent này, hoặc nó không thuộc đơn vị này; có phải bộ thu thập vừa được khôi phục? "
        f"{_ANEW_VI} / "
        f"no such agent is known here, or not in this unit: was the collector restored? {_ANEW}"
    ),
    "superseded_certificate": (
        f"chứng thư này đã được thay bằng cái mới đang dùng: máy bị đưa về trạng thái cũ hoặc bị sao chép; "
        f"{_ANEW_VI} / "
        f"this certificate was replaced by a later one, which is in use: this host was set back or copied; {_ANEW}"
    ),
    "concurrent_use": (
        "một bản khác của agent này đang kết nối: dừng bản kia; nếu máy này là bản sao, ghi danh lại nó / "
        "another instance of this agent is connected: stop the other one; if this host is a copy, enrol it anew"
    ),
    "revoked": f"{_ANEW_VI} / {_ANEW}",
    "locked": (f"{_ANEW_VI}, trừ khi đơn vị của máy có đơn vị kế thừa / {_ANEW}, unless its unit is given a successor"),
}


class NotAdmittedError(PermissionError):
    """A connection is refused. The text is the reason, one of `SENTENCES`; `sentence` is for the other end."""

    def __init__(self, reason: str, why: str = "") -> None:
        self.sentence = f"{why}; {SENTENCES[reason]}" if why else SENTENCES[reason]
        super().__init__(reason)


def not_admitted(refused: str) -> NotAdmittedError:
    """Of an agent that may not connect, by what `Enrolled.refused` says."""
    return NotAdmittedError(refused.partition(":")[0], refused)
