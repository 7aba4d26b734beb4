# SPDX-License-Identifier: Apache-2.0
"""Which form a line has, told by its first characters, and the line taken apart in that form."""

import re
from collections.abc import Callable, Mapping
from typing import Final
from zlib import crc32

from msgspec.structs import replace

from giamsat_agent.address import plain
from giamsat_agent.parsers import (
    bigip,
    cef,
    ecs_aliases,
    firebox,
    firepower,
    header,
    ise,
    key_value,
    labelled,
    meraki,
    oracle_audit,
    quoted_pairs,
    vrp,
    windows_json,
    windows_words,
    windows_xml,
)
from giamsat_agent.parsers.moment import Moments
from giamsat_agent.parsers.parsed_line import Framed

MNEMONIC_CHARACTERS: Final = 13
"""How far into a message a mnemonic may begin: behind a number."""
SEVERITIES: Final = 8
"""Of syslog: a lower number of a process beside a mnemonic is one, as Ruijie writes RFC 5424: `SYS 5 CONFIG_I - …`."""
_ASM: Final = "ASM:"
"""What F5's application firewall writes before its pairs."""
_BODIES: Final[tuple[tuple[str, str, Callable[[str], dict[str, str] | None]], ...]] = (
    ("CEF:", "cef", cef.cef),
    ("LEEF:", "leef", cef.leef),
    ("{", "json", windows_json.values),
    ("<Event", "windows-xml", windows_xml.values),
    ("- <Event", "windows-xml", windows_xml.values),
    ("%%", "key-value", vrp.values),
    ("%FTD-", "key-value", firepower.values),
    ("%NGIPS-", "key-value", firepower.values),
    (firebox.MARK, "key-value", firebox.values),
    (ise.MARK, "key-value", ise.values),
    (bigip.MARK, "key-value", bigip.values),
    (quoted_pairs.MARK, "key-value", quoted_pairs.values),
    ("type=", "key-value", key_value.audit),
    ("node=", "key-value", key_value.audit),
    ("Oracle ", "key-value", oracle_audit.values),
    *((f"{kind} ", "key-value", meraki.values) for kind in meraki.KINDS),
    *((mark, "key-value", labelled.values) for mark in labelled.MARKS),
    (_ASM, "key-value", lambda text: key_value.pairs(text.removeprefix(_ASM))),
)
_BODIES_BY_FIRST: Final = {
    first: tuple(body for body in _BODIES if body[0][0] == first) for first in {body[0][0] for body in _BODIES}
}
_HEADED: Final = re.compile(
    r"<\d|1 [\d-]|[*.:]?[A-Z][a-z]{2} [ \d]\d |\d{4}[-/ ]|\d{1,10}: |[A-Z]{2}(?:/[A-Z\d]{1,8}){2,3}:[A-Z][a-z]{2} "
)
"""How a message begins that may have a header of its own."""
_LINE: Final = re.compile(r"(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ")
"""How a line of syslog begins that may stand in an object."""
_FOURTH: Final = frozenset(" >0123456789JFMASOND")
"""What its fourth character is: behind a month, or within a priority or behind it."""
_SAID_BY_RELAY: Final = re.compile(
    r'(?:1 [\d-]|\d{4}-\d\d-\d\dT)[^\[]{8,512}\[[^ \]="@]{1,64}@[\d.]{1,64} [^ \]="]{1,64}=".*"\]', re.DOTALL
)
"""RFC 5424, with its version or without, that says all in its vendor's parameters: words behind a tag could make one
program another."""
_MNEMONIC: Final = re.compile(
    r"(?!%[A-Z\d_]{2,32}+-\d)(?:\d{1,10}: )?%(?P<facility>[A-Z][A-Z\d_]{1,31}+)"
    r"(?:-(?:SW\d{1,2}(?:_[A-Z\d]{2,8})?|SP|STDBY|DFC\d{1,2}))?(?=-\d-[A-Z])"
)
"""How a message of Cisco's and Arista's begins behind its number, or with the part of a chassis that says it."""
_NUMBERED: Final = re.compile(r"\[ID \d{1,10} \w{1,16}\.\w{1,16}\] ")
"""Solaris's number of a message, before its text."""
_LED: Final = re.compile(
    r"[\w./-]{1,32}:? (?=(?:[A-Za-z_][\w.-]{0,63}=(?:\"[^\"]{0,512}\"|[^\s\"]{0,512}) ){2}[A-Za-z_][\w.-]{0,63}=)"
)
"""One word that leads pairs: the name of the part of a device that speaks."""
_PAIRS: Final = re.compile(
    r" *+(?!type=|node=|msg_id=)[a-z]\w{1,31}+=(?:\"[^\"]{0,128}+\"|[\w.:-]{0,64}+)[ ,][a-z]\w{0,31}+="
)
"""How a line begins that is nothing but pairs, as FortiGate's, Sophos' and SonicWall's: a pair, and one behind it."""
_SENDER: Final = re.compile(r"[\da-fA-F.:]{3,45} +(?=\S)")
"""The address of the sender, which relays write before a message that has no header."""
_OF_DEVICES: Final = frozenset({"cef", "leef", "syslog"})
"""Forms whose sender is never the peer it tells of."""
_PAM: Final = re.compile(r"(?P<service>[\w-]{1,64})\((?P<module>pam_(?:unix|sss|ldap|krb5|winbind)\w{0,16})\)")
"""How Linux-PAM before 0.99 named itself: as the program, `sshd(pam_unix)[9]: authentication failure; …`."""
_RECORD: Final = re.compile(r"([A-Z][A-Z_]{2,31}) (?=[a-z]{2,16}=)")
"""How a record of the audit system begins as journald passes it on."""
_DOVECOTS: Final = re.compile(r"auth(?:-worker(?:\(\d{1,10}\))?)?|[a-z\d]{3,16}-login")
_DOVECOTS_LEVELS: Final = ("Info: ", "Warning: ", "Error: ")
"""How Dovecot leads what it writes into a file of its own, where syslog has `dovecot: ` and no level."""
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
            framed = _of_body(rest, body)
            packed = body[1].get("message") or body[1].get("full_log", "")
            return self._unpacked(framed, packed, now_ns=now_ns) if packed[3:4] in _FOURTH else framed
        if priority is not None and _PAIRS.match(rest) is not None:
            text = rest.strip() if rest[0] == " " else rest
            return Framed("key-value", text, rest, priority=priority, values=key_value.pairs(text))
        found = header.syslog(rest, moments=self._moments, now_ns=now_ns, relayed=priority is not None)
        if found is None:
            if (sender := _sender(rest)) and (body := named(rest[sender:])) is not None:
                return _sent(rest[:sender].rstrip(), _of_body(rest[sender:], body))
            found = header.application(rest, moments=self._moments, now_ns=now_ns)
        text = rest[found.end :].strip()
        if found.form == "syslog" and _HEADED.match(text) and (not found.program or _SAID_BY_RELAY.fullmatch(text)):
            found, text = self._behind_relay(found, text, now_ns=now_ns)
        if text.startswith("[ID "):
            text = _NUMBERED.sub("", text, count=1)
        found, text = _renamed(found, text)
        if "%" in text[:MNEMONIC_CHARACTERS] and (mnemonic := _MNEMONIC.match(text)) is not None:
            text = f"%{mnemonic['facility']}{text[mnemonic.end() :]}"
        form, values = found.form, _of_structured(found)
        body = None if text == line else named(text)  # a whole line was asked before
        if (body := body or _headed(found.program, text)) is not None:
            form, values = body[0], {**values, **body[1]}
        return Framed(form, text, rest, found.wall_ns, found.host, found.program, found.pid, priority, values)

    def _behind_relay(self, outer: header.Header, text: str, *, now_ns: int) -> tuple[header.Header, str]:
        """The header that stands behind a relay's: time and host are the relay's, the rest the device's.

        Behind a relay's tag only RFC 5424 is one, and only where it says all in its parameters: programs write times,
        and what others tell them, at the head of their own messages.
        """
        _, rest = header.priority(text)
        inner = header.syslog(rest, moments=self._moments, now_ns=now_ns, relayed=False)
        if inner is None or (outer.program and rest[inner.end :].strip()):
            return outer, text
        wall_ns = inner.wall_ns if outer.wall_ns is None else outer.wall_ns
        return replace(inner, wall_ns=wall_ns, host=outer.host or inner.host), rest[inner.end :].strip()

    def _unpacked(self, framed: Framed, packed: str, *, now_ns: int) -> Framed:
        """The line of syslog that a shipper put into an object, in place of the object."""
        if framed.form != "json" or _LINE.match(packed) is None:
            return framed
        inner = self.frame(packed, now_ns=now_ns)
        return inner if inner.program else framed

    def inner(self, text: str) -> int:
        """Where a message begins that has an application's header inside syslog's."""
        return header.application(text, moments=self._moments, now_ns=0).end


def _renamed(found: header.Header, text: str) -> tuple[header.Header, str]:
    """Who spoke, and what, of a program that names itself otherwise than others of its kind."""
    if found.program.endswith(")") and (pam := _PAM.fullmatch(found.program)) is not None:
        return replace(found, program=pam["service"]), f"{pam['module']}({pam['service']}:auth): {text}"
    if found.pid is not None and found.pid < SEVERITIES and found.msgid.isupper() and found.program.isupper():
        return found, f"%{found.program}-{found.pid}-{found.msgid}: {text}"
    if text.startswith(_DOVECOTS_LEVELS) and _DOVECOTS.fullmatch(found.program) is not None:
        return replace(found, program="dovecot"), f"{found.program}: {text.partition(' ')[2]}"
    if found.program == "audit" and (record := _RECORD.match(text)) is not None:
        # The number of its message is lost, so it belongs to no other.
        return found, f"type={record[1]} msg=audit({crc32(text.encode())}): {text[record.end() :]}"
    return found, text


def _sender(line: str) -> int:
    """Where a message begins behind the address of its sender; 0 when none stands there."""
    found = _SENDER.match(line)
    return found.end() if found is not None and plain(found[0].rstrip()) is not None else 0


def _sent(sender: str, framed: Framed) -> Framed:
    """What came from `sender`: a relay's host, or the peer itself where the values name no source of their own."""
    complete = framed.form in _OF_DEVICES or "source.ip" in ecs_aliases.fields(framed.values)
    return replace(framed, host=sender, values=framed.values if complete else {**framed.values, "source.ip": sender})


def _of_body(line: str, body: tuple[str, dict[str, str]]) -> Framed:
    """A line that is named values from its first character on."""
    form, values = body
    if form == "json" and _JOURNAL in values:
        return _of_journal(line, values)
    return Framed(form, line, line, values=values)


def named(text: str) -> tuple[str, dict[str, str]] | None:
    """The form and the named values of a text that is nothing but named values; None when it is another."""
    for start, form, read in _BODIES_BY_FIRST.get(text[:1], ()):
        if text.startswith(start):
            values = read(text)
            if values is not None:
                return form, values
    if key_value.looks(text) or ("=" in text and _LED.match(text)):
        return "key-value", key_value.pairs(text)
    return None


def _headed(program: str, text: str) -> tuple[str, dict[str, str]] | None:
    """A message with a head of its own before its values.

    That is Fireware's, and those of ISE and of a Comware device without its two percent signs, which look like a
    program; and an event of Windows in its own words.
    """
    if program.startswith(ise.MARK):
        told = ise.values(f"{program} {text}")
        return None if told is None else ("key-value", told)
    comware = program.count("/") == 2  # noqa: PLR2004 - MODULE/LEVEL/BRIEF
    values = vrp.values(f"{program}: {text}") if comware else firebox.values(text)
    if values is None and program in windows_words.PROGRAMS:
        values = windows_words.values(program, text)
    return None if values is None else ("key-value", values)


def _of_structured(found: header.Header) -> dict[str, str]:
    """RFC 5424's parameters and MSGID; Juniper and Check Point say everything there."""
    if len(found.structured) < 2:  # noqa: PLR2004 - `-` says nothing
        return {}
    return {"syslog.msgid": found.msgid, **key_value.parameters(found.structured)}


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
