# SPDX-License-Identifier: Apache-2.0
"""Which form a line has, told by its first characters, and the line taken apart in that form."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from giamsat_agent.parsers import cef, header, json_object, key_value, oracle_audit, vrp, windows_xml
from giamsat_agent.parsers.framed import Framed
from giamsat_agent.parsers.moment import Moments

_BODIES: Final[tuple[tuple[str, str, Callable[[str], dict[str, str] | None]], ...]] = (
    ("CEF:", "cef", cef.cef),
    ("LEEF:", "leef", cef.leef),
    ("{", "json", json_object.values),
    ("<Event", "windows-xml", windows_xml.values),
    ("- <Event", "windows-xml", windows_xml.values),
    ("%%", "key-value", vrp.values),
    ("type=", "key-value", key_value.audit),
    ("node=", "key-value", key_value.audit),
    ("Oracle ", "key-value", oracle_audit.values),
)
_HEADED: Final = re.compile(r"<\d|1 [\d-]|[*.:]?[A-Z][a-z]{2} [ \d]\d |\d{4}[-/ ]|\d{1,10}: ")
"""How a message begins that may have a header of its own."""
_SNARE: Final = "MSWinEventLog\t"
_JOURNAL: Final = "__REALTIME_TIMESTAMP"


class Framing:
    """Takes lines apart; times that name no zone are in the zone it is given."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def frame(self, line: str, *, now_ns: int) -> Framed:
        """The parts of one line; what has no form that is known is "bare"."""
        if _SNARE in line:
            # As rsyslog passes it on, which is how it is mostly met.
            line = line.replace("\t", "#011")
        priority, rest = header.priority(line)
        if priority is None and (body := named(rest)) is not None:
            return _of_body(rest, body)
        found = header.syslog(rest, moments=self._moments, now_ns=now_ns, relayed=priority is not None)
        if found is None:
            found = header.application(rest, moments=self._moments, now_ns=now_ns)
        text = rest[found.end :].strip()
        if found.form == "syslog" and not found.program and _HEADED.match(text):
            found, text = self._behind_relay(found, text, now_ns=now_ns)
        form, values = found.form, _of_structured(found)
        if (body := named(text) or _headed(found.program, text)) is not None:
            form, values = body[0], {**values, **body[1]}
        return Framed(form, text, rest, found.wall_ns, found.host, found.program, found.pid, priority, values)

    def _behind_relay(self, outer: header.Header, text: str, *, now_ns: int) -> tuple[header.Header, str]:
        """The header that stands behind a relay's: time and host are the relay's, the rest the device's."""
        _, rest = header.priority(text)
        inner = header.syslog(rest, moments=self._moments, now_ns=now_ns, relayed=False)
        if inner is None:
            return outer, text
        wall_ns = inner.wall_ns if outer.wall_ns is None else outer.wall_ns
        return replace(inner, wall_ns=wall_ns, host=outer.host or inner.host), rest[inner.end :].strip()

    def inner(self, text: str) -> int:
        """Where a message begins that has an application's header inside syslog's."""
        return header.application(text, moments=self._moments, now_ns=0).end


def _of_body(line: str, body: tuple[str, dict[str, str]]) -> Framed:
    """A line that is named values from its first character on."""
    form, values = body
    if form == "json" and _JOURNAL in values:
        return _of_journal(line, values)
    return Framed(form, line, line, values=values)


def named(text: str) -> tuple[str, dict[str, str]] | None:
    """The form and the named values of a text that is nothing but named values; None when it is another."""
    for start, form, read in _BODIES:
        if text.startswith(start):
            values = read(text)
            return None if values is None else (form, values)
    if key_value.looks(text):
        return "key-value", key_value.pairs(text)
    return None


def _headed(program: str, text: str) -> tuple[str, dict[str, str]] | None:
    """The message of a Comware device that leaves out the two percent signs, so that its head looks like a program."""
    values = vrp.values(f"{program}: {text}") if program.count("/") == 2 else None  # noqa: PLR2004 - MODULE/LEVEL/BRIEF
    return None if values is None else ("key-value", values)


def _of_structured(found: header.Header) -> dict[str, str]:
    """RFC 5424's parameters and MSGID; Juniper and Check Point say everything there."""
    if len(found.structured) < 2:  # noqa: PLR2004 - `-` says nothing
        return {}
    return {"syslog.msgid": found.msgid, **key_value.pairs(found.structured)}


def _of_journal(line: str, values: Mapping[str, str]) -> Framed:
    """An entry as journalctl prints it."""
    time, pid = values[_JOURNAL], values.get("SYSLOG_PID") or values.get("_PID", "")
    return Framed(
        "syslog",
        values.get("MESSAGE", "").strip(),
        line,
        int(time) * 1_000 if time.isdecimal() and len(time) <= 18 else None,  # noqa: PLR2004 - microseconds until 33658
        values.get("_HOSTNAME", ""),
        values.get("SYSLOG_IDENTIFIER", values.get("_COMM", "")),
        int(pid) if pid.isdecimal() and len(pid) <= 10 else None,  # noqa: PLR2004 - digits of 2³²
    )
