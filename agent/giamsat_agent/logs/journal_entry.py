# SPDX-License-Identifier: Apache-2.0
"""Entries of the journal as `journalctl --output=json` prints them, one JSON object a line.

A field is a text, null when it is larger than journalctl prints, an array of numbers when it is not UTF-8, or an
array of those when an entry holds it several times (systemd.io, Journal Export Formats).
"""

from typing import Final

import msgspec

from giamsat_agent.log import LINE_BYTES, Entry

FIELDS: Final = (
    "MESSAGE", "SYSLOG_IDENTIFIER", "SYSLOG_PID", "_PID", "_UID", "_EXE", "_COMM", "_HOSTNAME", "UNIT", "MESSAGE_ID",
    "UNIT_RESULT", "_TRANSPORT", "_AUDIT_ID",
)  # fmt: skip
"""What is asked of journalctl beside the cursor and the times, which always come."""
_ATTESTED: Final = ("_UID", "_EXE", "UNIT", "MESSAGE_ID", "UNIT_RESULT", "_TRANSPORT", "_AUDIT_ID")
_PID_DIGITS: Final = 10
_USEC_DIGITS: Final = 18
_decode: Final = msgspec.json.Decoder(dict[str, object]).decode


def parse(line: bytes) -> tuple[str, Entry] | None:
    """The cursor and the entry of one line; None when it holds no message."""
    try:
        fields = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    cursor = _text(fields.get("__CURSOR"))
    time = _text(fields.get("__REALTIME_TIMESTAMP"))
    message = _text(fields.get("MESSAGE"))
    if not cursor or not time.isdecimal() or len(time) > _USEC_DIGITS:
        return None
    program = _text(fields.get("SYSLOG_IDENTIFIER")) or _text(fields.get("_COMM"))
    # What a daemon's child says through the daemon's socket carries the child's number in SYSLOG_PID only.
    pid = _number(_text(fields.get("SYSLOG_PID"))) or _number(_text(fields.get("_PID")))
    return cursor, Entry(
        program.removesuffix("]"),
        message.strip(),
        int(time) * 1_000,
        cursor.encode(),
        pid=pid,
        host=_text(fields.get("_HOSTNAME")),
        raw=message,
        attested={name: text for name in _ATTESTED if (text := _text(fields.get(name)))},
    )


def _text(value: object) -> str:
    """A field as text, cut at LINE_BYTES; of several values the first."""
    if isinstance(value, str):
        return value[:LINE_BYTES]
    if not isinstance(value, list) or not value:
        return ""
    if not isinstance(value[0], int):
        return _text(value[0]) if not isinstance(value[0], list) or _is_bytes(value[0]) else ""
    return _from_bytes(value) if _is_bytes(value) else ""


def _is_bytes(value: list[object]) -> bool:
    return all(isinstance(number, int) and 0 <= number <= 255 for number in value[:LINE_BYTES])  # noqa: PLR2004 - a byte


def _from_bytes(value: list[object]) -> str:
    numbers = [number for number in value[:LINE_BYTES] if isinstance(number, int)]
    return bytes(numbers).decode("utf-8", "backslashreplace")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _PID_DIGITS else None
