# SPDX-License-Identifier: Apache-2.0
"""One password tried on server after server (ATT&CK T1110.003): a few refusals by each, too few for any of them.

Floor: as many servers within two minutes as refusals by one of them. Who is let in by more servers than refuse him is
at work: a few of the many he sees to do not know him.
"""

from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.detector import Lately, Room, Table, Told
from giamsat_wire.clock import SECOND_NS

SERVERS: Final = 10
SPAN_NS: Final = 120 * SECOND_NS
CLIENTS: Final = 1_024
_KEPT: Final = 64

Key = tuple[int, int]
"""Client and port."""


class Sprayed:
    """Servers that refused a client at a port lately, and servers that let it in."""

    def __init__(self, room: Room) -> None:
        self._refused: Table[Key, Lately[int]] = room.table(CLIENTS)
        self._let_in: Table[Key, Lately[int]] = room.table(CLIENTS)
        self._told: Told[Key] = Told()

    def let_in(self, key: Key, server: int, at_ns: int) -> None:
        """A server lets the client in, be it that it refused it before."""
        if (refused := self._refused.get(key)) is not None:
            refused.drop(server)
        its = self._let_in.get(key) or self._let_in.put(key, Lately(_KEPT, SPAN_NS))
        its.add(at_ns, server, 0)

    def refused(
        self, addresses: Addresses, key: Key, server: int, seen: tuple[int, int], service: str
    ) -> Anomaly | None:
        """A server refuses the client, when and by which frame; what to tell of it."""
        its = self._refused.get(key) or self._refused.put(key, Lately(_KEPT, SPAN_NS))
        its.add(seen[0], server, seen[1])
        let_in, count = self._let_in.get(key), its.different
        if count < SERVERS or (let_in is not None and let_in.different >= count):
            return None
        if not self._told.due(key, seen[0], count):
            return None
        client, servers = addresses.text(key[0]), dict.fromkeys(which for _, which, _ in its.seen)
        return Anomaly(
            name="bruteforce",
            severity=Severity.HIGH,
            words=(
                f"{count} máy từ chối đăng nhập {service} của {client} trong hai phút",
                f"{count} servers refused {service} logins of {client} within two minutes",
            ),
            source_ip=client,
            first_ns=its.seen[0][0],
            last_ns=seen[0],
            targets=[Target(addresses.text(one), key[1]) for one in servers],
            counts={"refusals": len(its.seen)},
            frames=[number for _, _, number in its.seen],
        )
