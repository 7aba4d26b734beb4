# SPDX-License-Identifier: Apache-2.0
"""Users that a server does not know, by the client that asks for them (ATT&CK T1087).

A person mistypes a name now and then, a program whose account was removed asks for the same one again and again; who
asks for ever other names looks for users. Floor: USERS different ones within SPAN_NS.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Lately, Room, Table, Told
from giamsat_wire.clock import SECOND_NS

USERS, SPAN_NS = 10, 120 * SECOND_NS
PAIRS: Final = 256

Pair = tuple[int, int]


class UnknownUsers:
    """Names by client and server of one service, by their hashes, which are keyed."""

    def __init__(self, room: Room, service: str, port: int) -> None:
        self._service: Final = service
        self._port: Final = port
        self._asked: Table[Pair, Lately[int]] = room.table(PAIRS)
        self._told: Told[Pair] = Told()

    def add(self, batch: Batch, at: int, name: int) -> Iterator[Anomaly]:
        """This answer says that there is no such user; what to tell of it."""
        pair, now_ns = (int(batch.destination[at]), int(batch.source[at])), int(batch.time_ns[at])
        asked = self._asked.get(pair) or self._asked.put(pair, Lately(8 * USERS, SPAN_NS))
        asked.add(now_ns, name, int(batch.number[at]))
        count, service = asked.different, self._service
        if count < USERS or not self._told.due(pair, now_ns, count):
            return
        client, server = batch.addresses.text(pair[0]), batch.addresses.text(pair[1])
        yield Anomaly(
            name="bruteforce",
            severity=Severity.HIGH,
            words=(
                f"{client} hỏi {server} về {count} người dùng {service} không tồn tại trong hai phút",
                f"{client} asked {server} for {count} {service} users that do not exist within two minutes",
            ),
            source_ip=client,
            first_ns=asked.seen[0][0],
            last_ns=now_ns,
            targets=[Target(server, self._port)],
            counts={"refusals": len(asked.seen), "users": count},
            frames=[number for _, _, number in list(asked.seen)[:20]],
        )
