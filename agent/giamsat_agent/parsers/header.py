# SPDX-License-Identifier: Apache-2.0
r"""What stands before a message: syslog's headers as daemons and devices really write them, and applications' own.

RFC 5424 is one form. RFC 3164 is many: `TIME HOST PROGRAM[PID]: `, without a host (MikroTik, Cisco), without a time,
with a sequence number and a mark before the time (Cisco IOS: `000123: *Nov 23 …`), with the time since the start
instead (`1d02h: %…`), with a year (Cisco ASA), with a colon after the host (`HOST : %ASA-…`). RFC 5424 comes without
its version, too, from relays that kept the rest. Applications that write their own files begin with times, levels,
threads and class names in any order; those are passed over until the words begin.
"""

import re
from typing import Final

import msgspec

from giamsat_agent.parsers.moment import Moments

APPLICATION_PIECES: Final = 10
"""Pieces of an application's header that are passed over."""
_PRIORITY: Final = re.compile(r"<(\d{1,3})>")
_BEFORE_TIME: Final = re.compile(
    r"(?:: ?| )?(?:\d{1,10}:(?: |(?=[A-Z])))?"
    r"(?:(?:(?!\d)[\w.-]{1,255}|\d{1,3}(?:\.\d{1,3}){3}): (?:\d{1,10}: )?|[A-Z]{2}(?:/[A-Z0-9]{1,8}){2,3}:)?[*.%]?"
)
_TAG: Final = re.compile(
    r"(?P<program>(?!%|CEF:|LEEF:|\d{1,10}:)[^\s:\[\]=,\"'{}<>]{1,255})"
    r"(?: (?=\[\d{1,10}\]: ))?(?:\[(?P<pid>\d{1,10})\])?(?P<colon>:?)(?: |$)"
)
_HOST: Final = re.compile(
    r"(?!\d{1,3}(?:\.\d{1,3}){3}:\d|\w{6}-\w{6}(?:\w{5})?-\w\w(?:\w\w)? )"  # an address with a port, Exim's message
    r"(?:slot\d{1,2}/)?[\w.:-][\w.:%-]{0,254}(?= |$)"  # BIG-IP's blade before its name
)
_PIECE: Final = re.compile(
    r"\[(?!client)[^\]\[]{0,120}\]|\{[^{}\"]{1,80}\}"  # [thread], {cps.web:1475}
    r"|\(?(?:TRACE|DEBUG|INFO|INF|NOTICE|WARN|WARNING|WRN|ERROR|ERR|ERRO|FATAL|CRITICAL|LOG|trace|debug|info|notice|warn"
    r"|warning|error|fatal|critical|Debug|Info|Notice|Warn|Warning|Error|Fatal|[IWEDNF])\)?(?=[\s\],:|])"
    r"|[A-Za-z_$][\w$-]*(?:\.[\w$\[\]/-]++){2,}(?=[\s:])"  # s.a.package.Class
    r"|[\w./-]{1,64}\.(?:c|cc|go|js|ts|py|php|rb|java)(?::\d+)?(?::\w+\(\)|\(\w+\))?(?=[\s:])"  # file.c:12
    r"|[\w-]{1,64} +\| "  # a container's name
    r"|us=\d{1,6}(?= )"  # OpenVPN's microseconds
    r"|\d{1,3}\.\d\d%(?= )|\d{8,13}(?:\.\d{1,9}){0,2}(?= )"  # idle share, epoch
    r"|[-:|,.*]+"
)
_UNTAGGED: Final = re.compile(
    r"[a-z]{2,16}(?:,!?[a-z]{2,16}){1,4} |\s*[{%]|\d{1,10}: |(?:CEF|LEEF):\d|[A-Za-z_][\w.-]{0,63}=[^\s=]"
)
"""Bodies that devices write without a tag: RouterOS's topics, JSON, Cisco's mnemonics, running numbers, pairs."""
_LEVELS: Final = frozenset(
    {
        "trace", "debug", "info", "inf", "notice", "warn", "warning", "wrn", "error", "err", "fatal", "critical", "log",
    }
)  # fmt: skip
"""Words that stand where a host might, in the files of applications."""
_SENTENCE: Final = re.compile(
    r" (?:Access|Authentication|Bad|Blocked|Denied|Failed|Invalid|Login|Rejected|Unauthorized|Unknown|User|Wrong) "
)
"""Words with which a sentence about a login begins, which is no host that speaks: `Failed Login: user=…`."""
_BEFORE_MNEMONIC: Final = re.compile(
    r"(?P<host>:{1,2}|[\w.-]{1,255}):? (?=%[A-Z][A-Z\d_-]{1,47}(?:-[a-z]{2,16})?-\d-[A-Z\d])"
)
"""One word before Cisco's message: the host, or behind it the name of a zone or of what sends alerts."""
_LEVEL: Final = re.compile(r"(?:Em|Al|Cr|Er|Wa|No|In|Db)\(\d{1,3}\) ")
"""ESXi 8's level and priority, between time and program."""
_SPACES: Final = re.compile(r"\s*")
# Only classes are possessive, never groups: those match wrongly before Python 3.11.5 (cpython issue 106052).
_STRUCTURED: Final = re.compile(r'(?:\[[^\]"]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*"[^\]"]*+)*\])+', re.DOTALL)
_UPTIME: Final = re.compile(
    r"(?:\d{1,10}: )?[*.]?(?:\d{1,3}w\d{1,2}d|\d{1,3}d\d{1,2}h|\d\d:\d\d:\d\d(?:\.\d{1,3})?): (?=%[A-Z])"
)
"""Cisco's time since the start, which tells no time of day."""
_EPOCH: Final = re.compile(r"1 (\d{10})\.\d{6,9} ([\w.-]{1,64}) (?=[a-z])")
"""Meraki's header: RFC 5424's version, seconds and their parts, and the device's name."""
_TIMELESS: Final = re.compile(r"([A-Za-z][\w.-]{0,254}) ([A-Za-z_][\w./-]{0,63})\[(\d{1,10})\]: ")
_VERSIONLESS: Final = re.compile(r" [^\s:]{1,255} [^\s:]{1,48} (?:-|\d{1,10}) [^\s:]{1,64} (?:- |\[[\w.@-]{1,64}[ \]])")
"""What stands behind the time of RFC 5424 whose version was left out."""


class Header(msgspec.Struct, frozen=True):
    """What stood before the message, and where the message begins in the line."""

    form: str
    end: int
    wall_ns: int | None = None
    host: str = ""
    program: str = ""
    pid: int | None = None
    structured: str = ""
    msgid: str = ""


def priority(line: str) -> tuple[int | None, str]:
    """Syslog's priority and the line without it."""
    found = _PRIORITY.match(line)
    if found is None or int(found[1]) > 191:  # noqa: PLR2004 - local7.debug
        return None, line
    return int(found[1]), line[found.end() :]


def syslog(line: str, *, moments: Moments, now_ns: int, relayed: bool) -> Header | None:
    """The header of a line without its priority; None when it has none.

    `relayed` says that a priority stood before it, so that it is syslog even without a time.
    """
    if line.startswith("1 ") and (header := _rfc5424(line, 2, moments, now_ns)) is not None:
        return header
    if relayed and (epoch := _EPOCH.match(line)) is not None:
        return Header("syslog", epoch.end(), int(epoch[1]) * 1_000_000_000, epoch[2])
    start = 0 if line[:1].isalpha() and line[3:4] == " " else _BEFORE_TIME.match(line).end()  # type: ignore[union-attr] # it matches nothing too
    moment = moments.at(line, start, now_ns=now_ns)
    if moment is None:
        return _timeless(line, relayed=relayed)
    wall_ns, end = moment
    if line[start : start + 4].isdigit() and _VERSIONLESS.match(line, end):
        return _rfc5424(line, start, moments, now_ns)
    bsd = line[start : start + 3].isalpha() and line[start + 3] == " "
    colon = line[end : end + 1] == ":"
    end += colon
    # In the files of applications words follow that are no host; a colon before one is Cisco's.
    sentence = not bsd and (_SENTENCE.match(line, end) or (colon and not line.startswith("%", end + 1)))
    if sentence or line[end : end + 1] != " ":
        return None
    if line[end + 1 : end + 2] == " ":
        end = _SPACES.match(line, end).end() - 1  # type: ignore[union-attr] # it matches nothing too
    return _after_time(line, end + 1, wall_ns, bsd=bsd)


def _timeless(line: str, *, relayed: bool) -> Header | None:
    """A header without a time: Cisco's with the time since the start, and `HOST PROGRAM[PID]: ` of a shipper."""
    if (uptime := _UPTIME.match(line)) is not None:
        return Header("syslog", uptime.end())
    if relayed and "%" in line and (word := _BEFORE_MNEMONIC.match(line)) is not None:
        return Header("syslog", word.end(), None, word["host"].strip(":"))
    if relayed:
        return _tagged(line, 0, None)
    found = _TIMELESS.match(line)
    return None if found is None else Header("syslog", found.end(), None, found[1], found[2], int(found[3]))


def application(line: str, *, moments: Moments, now_ns: int) -> Header:
    """Where the message of an application's line begins, and the first time before it."""
    at, wall_ns = _SPACES.match(line).end(), None  # type: ignore[union-attr] # it matches nothing too
    for _ in range(APPLICATION_PIECES):
        opened = line[at : at + 1] == "["
        moment = moments.at(line, at + opened, now_ns=now_ns)
        if moment is not None:
            wall_ns = wall_ns or moment[0]
            end = moment[1]
            closing = line.find("]", end, end + 32) if opened else -1
            end = closing + 1 if closing >= 0 else end
        else:
            piece = _PIECE.match(line, at)
            if piece is None:
                break
            end = piece.end()
            if opened and wall_ns is None and (inside := moments.at(line, at + 1, now_ns=now_ns)):
                wall_ns = inside[0]
        at = _SPACES.match(line, end).end()  # type: ignore[union-attr] # it matches nothing too
    return Header("application" if at else "bare", at, wall_ns)


def _rfc5424(line: str, start: int, moments: Moments, now_ns: int) -> Header | None:
    """What stands from the time at `start` on."""
    moment = moments.at(line, start, now_ns=now_ns)
    end = start + 1 if line.startswith("- ", start) else -1 if moment is None else moment[1]
    if moment is not None and line[end : end + 1] != " ":
        end = line.find(" ", end, end + 16)  # an offset that is none, such as Check Point's `--5:00`
    words = line[end + 1 :].split(" ", 4)
    if end < 0 or len(words) < 5:  # noqa: PLR2004 - HOST APP PROCID MSGID and the rest
        return None
    host, program, pid, msgid, rest = words
    structured = _structured(rest)
    at = len(line) - len(rest) + len(structured)
    while line[at : at + 1] in {" ", "\ufeff"}:
        at += 1
    number = int(pid) if pid.isascii() and pid.isdecimal() and len(pid) <= 10 else None  # noqa: PLR2004 - digits of 2³²
    host, program = "" if host == "-" else host, "" if program == "-" else program
    return Header("syslog", at, moment[0] if moment else None, host, program, number, structured, msgid)


def _structured(rest: str) -> str:
    r"""The structured data at the head: `-` or `[ID NAME="VALUE" …]…`, in whose values `"`, `\` and `]` are escaped."""
    if not rest.startswith("["):
        return rest[:1] if rest.startswith("-") else ""
    end = rest.find("]") + 1
    if end and rest[end : end + 1] != "[" and "\\" not in rest[:end] and rest.count('"', 0, end) % 2 == 0:
        return rest[:end]  # one element, in whose values no bracket stands
    found = _STRUCTURED.match(rest)
    return rest if found is None else found[0]


def _after_time(line: str, start: int, wall_ns: int | None, *, bsd: bool) -> Header | None:
    """`HOST TAG: `, `HOST : `, `TAG: ` or `HOST `; only RFC 3164's own time vouches for a host without a tag."""
    if line.startswith("(", start + 2) and (level := _LEVEL.match(line, start)) is not None:
        start = level.end()
    host = _HOST.match(line, start)
    # A word that ends with no colon, and before which no process follows, is no tag.
    bare = host is not None and line[host.end() - 1] != ":" and not line.startswith("[", host.end() + 1)
    first = None if bare else _TAG.match(line, start)
    if first is not None and (first["colon"] or first["pid"]) and not (host and line.startswith(": ", host.end() + 1)):
        if line[first.end() : first.end() + 1] != "%":
            return Header("syslog", first.end(), wall_ns, "", first["program"], _number(first["pid"]))
        return Header("syslog", first.end(), wall_ns, first["program"])
    if host is None:
        return Header("syslog", start, wall_ns) if bsd else None
    at = host.end() + 1
    if line.startswith(" ", at):
        at = _SPACES.match(line, at).end()  # type: ignore[union-attr] # it matches nothing too
    word = _BEFORE_MNEMONIC.match(line, at) if "%" in line else None
    if word is not None or line.startswith(": ", at):
        return Header("syslog", at + 2 if word is None else word.end(), wall_ns, host[0])
    tag = _TAG.match(line, at)
    if tag is not None and not (tag["colon"] or tag["pid"]) and tag["program"] in _LEVELS:
        tag = _TAG.match(line, tag.end())  # BIG-IP's level, between host and program
    if tag is not None and (tag["colon"] or tag["pid"]):
        return Header("syslog", tag.end(), wall_ns, host[0], tag["program"], _number(tag["pid"]))
    untagged = bsd or (_UNTAGGED.match(line, at) and host[0].lower() not in _LEVELS)
    return Header("syslog", at, wall_ns, host[0]) if untagged else None


def _tagged(line: str, start: int, wall_ns: int | None) -> Header:
    tag = _TAG.match(line, start)
    if tag is None or not (tag["colon"] or tag["pid"]):
        return Header("syslog", start, wall_ns)
    return Header("syslog", tag.end(), wall_ns, "", tag["program"], _number(tag["pid"]))


def _number(text: str | None) -> int | None:
    return int(text) if text else None
