# SPDX-License-Identifier: Apache-2.0
"""Programs that mine crypto-currency for somebody (ATT&CK T1496).

In the clear they speak Stratum: JSON-RPC whose first message subscribes, or logs in and names the program; later ones
give out work and bring what was found. Within TLS
the name of a pool is given by a program that offers no protocol of the web, which browsers always do: who only looks at
a pool's site mines nothing. The pools are a dated list that comes with the agent.
"""

import re
from collections.abc import Iterator
from importlib import resources
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room, Told
from giamsat_agent.packets.indicator_lists import Listed, parsed
from giamsat_agent.packets.payloads.handshake import ClientGreeting

LOOKED_AT: Final = 2_048
LONGEST: Final = 2_048
OBJECT: Final = int.from_bytes(b"{", "little")
_GOES_ON: Final = np.isin(np.arange(256), np.frombuffer(b'" \t\r\n', np.uint8))
"""What may follow on that, where anything does (RFC 8259, section 2)."""
STRATUM: Final = re.compile(
    rb"\"method\" *: *\"(?:mining\.(?:subscribe|authorize|configure|submit)|eth_submitLogin|eth_submitWork)\""
    rb"|\"method\" *: *\"login\"(?=.*\"(?:agent|rigid|algo)\" *:)"
    rb"|\"method\" *: *\"submit\"(?=.*\"job_id\" *:.*\"nonce\" *:)"
)
WORK: Final = re.compile(
    rb"\"method\" *: *\"mining\.(?:notify|set_difficulty)\"|\"method\" *: *\"job\"(?=.*\"blob\" *:.*\"target\" *:)"
)
"""What a pool says to its miners."""


def pools() -> Listed:
    """The pools that are known."""
    name = "known/pools.txt"
    return parsed([(name, resources.files("giamsat_agent.packets").joinpath(name).read_text("utf-8"))])


class Mining:
    """Miners by host and pool."""

    def __init__(self) -> None:
        self.room = Room()
        self._pools = pools()
        self._told: Told[tuple[int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        said = batch.spoken[(batch.said & 0xFF) == OBJECT]
        said = said[_GOES_ON[batch.opening[said] >> np.uint32(8) & 0xFF]]
        for at in said[batch.payload[said] <= LONGEST][:LOOKED_AT].tolist():
            content, moment = batch.content(at), (int(batch.time_ns[at]), int(batch.number[at]))
            if STRATUM.search(content):
                pool = int(batch.destination[at]), int(batch.destination_port[at])
                yield from self._told_of(batch, int(batch.source[at]), pool, moment, "")
            elif WORK.search(content):
                pool = int(batch.source[at]), int(batch.source_port[at])
                yield from self._told_of(batch, int(batch.destination[at]), pool, moment, "")
        for greeting in batch.greetings:
            if isinstance(greeting, ClientGreeting) and not greeting.hello.protocols:
                client, server, _, port = greeting.ends
                if name := self._pools.domain(greeting.hello.server_name) and greeting.hello.server_name:
                    moment = greeting.at_ns, greeting.number
                    yield from self._told_of(batch, client, (server, port), moment, name)

    def _told_of(
        self, batch: Batch, miner: int, pool: tuple[int, int], moment: tuple[int, int], name: str
    ) -> Iterator[Anomaly]:
        at_ns, number = moment
        if not self._told.due((miner, pool[0]), at_ns, 1):
            return
        text = batch.addresses.text
        where = name or f"{text(pool[0])}:{pool[1]}"
        yield Anomaly(
            name="mining",
            severity=Severity.HIGH,
            words=(
                f"{text(miner)} đào tiền ảo cho {where}",
                f"{text(miner)} mines crypto-currency for {where}",
            ),
            source_ip=text(miner),
            first_ns=at_ns,
            last_ns=at_ns,
            targets=[Target(text(pool[0]), pool[1])],
            counts={"packets": 1},
            frames=[number] if number else [],
            about={"tls.client.server_name": name},
        )
