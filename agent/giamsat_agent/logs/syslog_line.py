# SPDX-License-Identifier: Apache-2.0
"""Lines of a syslog daemon's files: `TIME HOST PROGRAM[PID]: MESSAGE`.

The time is RFC 3164's (traditional), ISO 8601 (rsyslog's own default, Debian 12 and Ubuntu 24.04), or the whole line
is RFC 5424's. Everything is read from the left, up to the message, which is the program's.
"""

from datetime import datetime
from typing import Final

from giamsat_agent.log import Entry
from giamsat_agent.logs.timestamp import iso, rfc3164

NAME_CHARACTERS: Final = 255
"""The longest host or program name; what is longer is no header."""
_RFC3164_CHARACTERS: Final = 15
_PRIORITY_CHARACTERS: Final = 5
_PID_DIGITS: Final = 10


class SyslogLines:
    """Understands lines; remembers the last time it read, because lines of one second come together."""

    def __init__(self) -> None:
        self._text = ""
        self._ns: int | None = None
        self._year = 0

    def parse(self, raw: bytes, *, key: bytes, now: datetime) -> Entry | None:
        """The entry that a line holds; None when it is not a syslog line. `now` gives the year and the local zone."""
        line = raw.lstrip(b"\0").rstrip(b"\r\n").decode("utf-8", "backslashreplace")
        body = _without_priority(line)
        if body.startswith("1 "):
            return self._rfc5424(body, line, key=key, now=now)
        if body[:1].isdigit():
            time, _, rest = body.partition(" ")
        else:
            time, rest = body[:_RFC3164_CHARACTERS], body[_RFC3164_CHARACTERS + 1 :]
        wall_ns = self._time(time, now)
        host, found, rest = rest.partition(" ")
        if wall_ns is None or not found or len(host) > NAME_CHARACTERS:
            return None
        tagged = _tag(rest)
        if tagged is None:
            return None
        program, pid, text = tagged
        return Entry(program, text.strip(), wall_ns, key, pid=pid, host=host, raw=line)

    def _rfc5424(self, body: str, line: str, *, key: bytes, now: datetime) -> Entry | None:
        words = body.split(" ", 6)
        if len(words) < 7:  # noqa: PLR2004 - VERSION TIME HOST APP PROCID MSGID and the rest
            return None
        _, time, host, program, pid, _, rest = words
        wall_ns = self._time(time, now)
        if wall_ns is None or max(len(host), len(program)) > NAME_CHARACTERS:
            return None
        text = _after_structured_data(rest).removeprefix("\ufeff").strip()
        return Entry(program, text, wall_ns, key, pid=_pid(pid), host=host, raw=line)

    def _time(self, text: str, now: datetime) -> int | None:
        if text != self._text or now.year != self._year:
            self._text, self._year = text, now.year
            self._ns = iso(text) if text[:1].isdigit() else rfc3164(text, now=now)
        return self._ns


def _without_priority(line: str) -> str:
    """The line without `<34>` before it."""
    end = line.find(">", 0, _PRIORITY_CHARACTERS) if line.startswith("<") else -1
    return line[end + 1 :]


def _tag(rest: str) -> tuple[str, int | None, str] | None:
    """Program, process id and message of `PROGRAM[PID]: MESSAGE` or `PROGRAM: MESSAGE`."""
    tag, found, text = rest.partition(": ")
    if not found:
        tag, text = rest.removesuffix(":"), ""
    program, bracket, pid = tag.partition("[")
    if " " in tag or not program or len(program) > NAME_CHARACTERS:
        return None
    # GNOME's display manager names itself "gdm-password]".
    return program.removesuffix("]"), _pid(pid.removesuffix("]")) if bracket else None, text


def _pid(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _PID_DIGITS else None


def _after_structured_data(rest: str) -> str:
    r"""The message after `-` or `[ID NAME="VALUE" …]…`, in whose values `"`, `\` and `]` are escaped."""
    if not rest.startswith("["):
        return rest.partition(" ")[2]
    quoted = False
    at = 0
    while at < len(rest):
        character = rest[at]
        if quoted and character == "\\":
            at += 1
        elif character == '"':
            quoted = not quoted
        elif character == "]" and not quoted and rest[at + 1 : at + 2] != "[":
            return rest[at + 2 :]
        at += 1
    return ""
