# SPDX-License-Identifier: Apache-2.0
"""Logins that a server refused in clear text (ATT&CK T1110), whatever the number of connections they came by.

Each protocol says so in words of its own. A browser or a phone is refused once and then let in, so an answer that lets
in takes back a refusal where the protocol has such answers. Floors: 10 refusals within two minutes, or 30 within a day.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import Batch, OneOf
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.detector import SECOND_NS, Table, Told, busiest

FAST, FAST_NS = 10, 120 * SECOND_NS
SLOW, SLOW_NS = 30, 24 * 3600 * SECOND_NS
LONGEST: Final = 600
"""Bytes of a refusal at most, but for the page beside an HTTP one."""
LOOKED_AT: Final = 4_096
SIGNS: Final = {
    21: ("FTP", (b"530 ",)),
    23: ("Telnet", (b"ogin incorrect", b"ogin failed", b"uthentication fail", b"assword incorrect", b"ccess denied")),
    25: ("SMTP", (b"535 ", b"535-")),
    110: ("POP3", (b"-ERR",)),
    143: ("IMAP", (b" NO [AUTHENTICATIONFAILED]", b" NO LOGIN", b" NO AUTHENTICATE", b" NO Login failed")),
    389: ("LDAP", (b"\x0a\x01\x31\x04",)),
    445: ("SMB", (b"\x6d\x00\x00\xc0\x01\x00",)),
    5901: ("VNC", (b"uthentication fail",)),
    5900: ("VNC", (b"uthentication fail",)),
    587: ("SMTP", (b"535 ", b"535-")),
    1433: ("MSSQL", ("Login failed".encode("utf-16-le"),)),
    2323: ("Telnet", (b"ogin incorrect", b"ogin failed", b"uthentication fail")),
    3306: ("MySQL", (b"\xff\x15\x04#28000", b"\xff\x15\x04")),
    5060: ("SIP", (b"SIP/2.0 401", b"SIP/2.0 403", b"SIP/2.0 407")),
    5432: ("PostgreSQL", (b"C28P01\0",)),
    6379: ("Redis", (b"-WRONGPASS", b"-ERR invalid password")),
}
"""Server port, protocol, and what a refusal holds: RFC 959, 4954, 1939, 3501, 4511 (invalidCredentials), MS-ERREF
(STATUS_LOGON_FAILURE of a session setup), MySQL's error 1045, RFC 3261, PostgreSQL's SQLSTATE 28P01, Redis."""
PORTS: Final = OneOf(SIGNS)
WORD: Final = 4
HTTP, REFUSED = (int(np.frombuffer(text, np.uint32)[0]) for text in (b"HTTP", b" 401"))
CODE_AT: Final = 8
LET_IN: Final = np.frombuffer(b" 200 204 301 302 303 304", np.uint32)
SIP_LET_IN: Final = b"SIP/2.0 200"

Key = tuple[int, int, int]


class Refusals:
    """Refused logins by client, server and port."""

    def __init__(self) -> None:
        self._refused: Table[Key, deque[tuple[int, int]]] = Table(4_096)
        self._told: Told[Key] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._refused.evicted

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for at in batch.any_of(_short(batch, batch.spoken), _short(batch, batch.udp))[:LOOKED_AT].tolist():
            service, signs = SIGNS[int(batch.source_port[at])]
            content = batch.content(at)
            if any(sign in content for sign in signs):
                yield from self._refusal(batch, at, service)
            elif content.startswith(SIP_LET_IN):
                self._let_in(batch, at)
        yield from self._web(batch)

    def _web(self, batch: Batch) -> Iterator[Anomaly]:
        answers = batch.web[batch.opening[batch.web] == HTTP]
        answers = answers[batch.held[answers] >= CODE_AT + WORD]
        if not len(answers):
            return
        view = np.ndarray((len(batch.data) - WORD + 1,), dtype=f"V{WORD}", buffer=batch.data, strides=(1,))
        codes = np.ascontiguousarray(view[batch.payload_at[answers] + CODE_AT]).view(np.uint32)
        chosen = (codes == REFUSED) | np.isin(codes, LET_IN)
        for at, code in list(zip(answers[chosen].tolist(), codes[chosen].tolist(), strict=True))[:LOOKED_AT]:
            if code == REFUSED:
                yield from self._refusal(batch, at, "HTTP")
            else:
                self._let_in(batch, at)

    def _let_in(self, batch: Batch, at: int) -> None:
        refused = self._refused.get(_key(batch, at))
        if refused:
            refused.pop()

    def _refusal(self, batch: Batch, at: int, service: str) -> Iterator[Anomaly]:
        key, now_ns = _key(batch, at), int(batch.time_ns[at])
        refused = self._refused.get(key)
        if refused is None:
            refused = self._refused.put(key, deque(maxlen=1_024))
        refused.append((now_ns, int(batch.number[at])))
        while now_ns - refused[0][0] > SLOW_NS:
            refused.popleft()
        count = len(refused)
        guesses = count >= SLOW or busiest([at_ns for at_ns, _ in refused], FAST_NS) >= FAST
        if guesses and self._told.due(key, now_ns, count):
            text = batch.addresses.text
            yield Anomaly(
                name="bruteforce",
                severity=Severity.HIGH,
                words=(
                    f"{text(key[1])} từ chối {count} lần đăng nhập {service} của {text(key[0])}",
                    f"{text(key[1])} refused {count} {service} logins of {text(key[0])}",
                ),
                source_ip=text(key[0]),
                first_ns=refused[0][0],
                last_ns=now_ns,
                targets=[Target(text(key[1]), key[2])],
                counts={"refusals": count},
                frames=[number for _, number in list(refused)[:20]],
            )


def _short(batch: Batch, places: Numbers) -> Numbers:
    """Those that carry no more than an answer of a service that is known to refuse."""
    said = places[PORTS.at(batch.source_port[places])]
    return said[(batch.held[said] > 0) & (batch.payload[said] <= LONGEST)]


def _key(batch: Batch, at: int) -> Key:
    return int(batch.destination[at]), int(batch.source[at]), int(batch.source_port[at])
