# SPDX-License-Identifier: Apache-2.0
"""Guessing of passwords seen on the wire (ATT&CK T1110): connection after connection to a service that asks for one.

Floor: 10 connections that were accepted within two minutes. A person opens one and stays; a program that works opens
one and keeps it.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import Batch, OneOf
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.detector import SECOND_NS, Table, Told

CONNECTIONS: Final = 10
SPAN_NS: Final = 120 * SECOND_NS
SERVICES: Final = {
    21: "FTP",
    22: "SSH",
    23: "Telnet",
    110: "POP3",
    139: "SMB",
    143: "IMAP",
    389: "LDAP",
    465: "SMTP",
    513: "rlogin",
    587: "SMTP",
    636: "LDAP",
    445: "SMB",
    902: "VMware",
    993: "IMAP",
    995: "POP3",
    1433: "MSSQL",
    1521: "Oracle",
    2222: "SSH",
    3306: "MySQL",
    3389: "RDP",
    5060: "SIP",
    5061: "SIP",
    5432: "PostgreSQL",
    5900: "VNC",
    5901: "VNC",
    5985: "WinRM",
    5986: "WinRM",
    6379: "Redis",
    8291: "WinBox",
    27017: "MongoDB",
}
PORTS: Final = OneOf(SERVICES)
BANNER: Final = int.from_bytes(b"SSH-", "little")
LOOKED_AT: Final = 8_192


class Guessing:
    """Accepted connections by client, server and port."""

    def __init__(self) -> None:
        self._pairs: Table[tuple[int, int, int], deque[tuple[int, int]]] = Table(8_192)
        self._ssh: Table[tuple[int, int], bool] = Table(1_024)
        self._told: Told[tuple[int, int, int]] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._pairs.evicted

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        self._notice_ssh(batch)
        chosen = self._services(batch)[:LOOKED_AT]
        ends = (batch.source, batch.source_port, batch.destination)
        for _, server, port, client, now, number in batch.rows(chosen, *ends, batch.time_ns, batch.number):
            key = (client, server, port)
            begun = self._pairs.get(key) or self._pairs.put(key, deque(maxlen=4_096))
            begun.append((now, number))
            while now - begun[0][0] > SPAN_NS:
                begun.popleft()
            if len(begun) >= CONNECTIONS and self._told.due(key, now, len(begun)):
                text, service = batch.addresses.text, "SSH" if (server, port) in self._ssh else SERVICES[port]
                yield Anomaly(
                    name="bruteforce",
                    severity=Severity.HIGH,
                    words=(
                        f"{text(client)} mở {len(begun)} kết nối {service} tới {text(server)} trong hai phút",
                        f"{text(client)} opened {len(begun)} {service} connections to {text(server)} in two minutes",
                    ),
                    source_ip=text(client),
                    first_ns=begun[0][0],
                    last_ns=now,
                    targets=[Target(text(server), port)],
                    counts={"connections": len(begun)},
                    frames=[number for _, number in list(begun)[:20]],
                )

    def _notice_ssh(self, batch: Batch) -> None:
        """SSH speaks first wherever it listens (RFC 4253): a server that greets so is one on any port."""
        speaks = batch.spoken[batch.opening[batch.spoken] == BANNER]
        for at in speaks[:LOOKED_AT].tolist():
            if batch.source_port[at] < batch.destination_port[at]:
                self._ssh.put((int(batch.source[at]), int(batch.source_port[at])), value=True)

    def _services(self, batch: Batch) -> Numbers:
        """Connections accepted by services, also by servers that were seen to speak SSH on a port of their own."""
        accepts = batch.accepts
        known = PORTS.at(batch.source_port[accepts])
        if not len(self._ssh):
            return accepts[known]
        others = batch.rows(accepts[~known][:LOOKED_AT], batch.source, batch.source_port)
        elsewhere = [at for at, server, port in others if (server, port) in self._ssh]
        return batch.any_of(accepts[known], np.array(elsewhere, np.int64))
