# SPDX-License-Identifier: Apache-2.0
"""Servers that still agree to version 1 of SMB (MS-CIFS), which the worms of 2017 spread by (ATT&CK T1210).

That a client offers it says nothing: what the server chooses is told.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Kind, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Daily, Room

PORTS: Final = OneOf((139, 445))
LEAST: Final = 39
"""Bytes of an answer to a negotiation up to the dialect: NetBIOS, SMB header, count of words, dialect."""
NEGOTIATE: Final = b"\xffSMB\x72\0\0\0\0"
"""How it begins behind the four bytes of NetBIOS: the command, and that it succeeded."""
ANSWER_AT, ANSWER, DIALECT_AT, NONE = 13, 0x80, 37, b"\xff\xff"
LOOKED_AT: Final = 1_024


class OldSharing:
    """Agreements on SMB 1 by server and port."""

    def __init__(self) -> None:
        self.room = Room()
        self._seen: Daily[tuple[int, int]] = Daily(self.room)

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        framed = batch.spoken_at(PORTS)
        framed = framed[(batch.opening[framed] & 0xFF) == 0]
        from_server = PORTS.at(batch.source_port[framed]) & (batch.held[framed] >= LEAST)
        for at in framed[from_server][:LOOKED_AT].tolist():
            said = batch.content(at)[: LEAST + 1]
            agreed = said[DIALECT_AT : DIALECT_AT + 2] != NONE
            if said[4:].startswith(NEGOTIATE) and said[ANSWER_AT] & ANSWER and agreed:
                yield from self._told(batch, at)

    def _told(self, batch: Batch, at: int) -> Iterator[Anomaly]:
        server, port, now_ns = int(batch.source[at]), int(batch.source_port[at]), int(batch.time_ns[at])
        count = self._seen.counted((server, port), now_ns)
        if not count:
            return
        text, client = batch.addresses.text, int(batch.destination[at])
        yield Anomaly(
            kind=Kind.POLICY,
            name="smb1",
            severity=Severity.MEDIUM,
            words=(
                f"{text(server)} vẫn chấp nhận SMB phiên bản 1 (với {text(client)})",
                f"{text(server)} still agrees to SMB version 1 (with {text(client)})",
            ),
            source_ip=text(client),
            first_ns=now_ns,
            last_ns=now_ns,
            targets=[Target(text(server), port)],
            counts={"connections": count},
            about={"giamsat.policy.subject": "SMB 1", "network.protocol": "smb"},
        )
