# SPDX-License-Identifier: Apache-2.0
"""Passwords of one server guessed from many addresses (ATT&CK T1110), each with a try or two, too few for any of them.

Floor: so many clients from outside within an hour that were refused and never let in. Whom a server knows it may refuse
when it is broken; hosts inside as well, when a password of theirs is changed for all.
"""

from collections import Counter
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.detector import Lately, Room, Table, Told
from giamsat_wire.clock import SECOND_NS

CLIENTS: Final = 30
SPAN_NS: Final = 3_600 * SECOND_NS
SERVICES: Final = 256
KNOWN: Final = 4_096
_KEPT: Final = 256

Key = tuple[int, int, int]
"""Client, server and port."""


class Besieged:
    """Clients from outside that a service refused lately, and clients that it let in."""

    def __init__(self, room: Room) -> None:
        self._refused: Table[tuple[int, int], Lately[int]] = room.table(SERVICES)
        self._known: Table[Key, bool] = room.table(KNOWN)
        self._told: Told[tuple[int, int]] = Told()

    def let_in(self, key: Key) -> None:
        """A server lets the client in, be it that it refused it before."""
        self._known.put(key, value=True)
        if (refused := self._refused.look(key[1:])) is not None:
            refused.drop(key[0])

    def refused(self, addresses: Addresses, key: Key, seen: tuple[int, int], name: str) -> Anomaly | None:
        """A server refuses the client, when and by which frame, at a service of this name; what to tell of it."""
        (client, server, port), (now_ns, number) = key, seen
        if key in self._known or addresses.is_inside(client):
            return None
        its = self._refused.get((server, port)) or self._refused.put((server, port), Lately(_KEPT, SPAN_NS))
        its.add(now_ns, client, number)
        count = its.different
        if count < CLIENTS or not self._told.due((server, port), now_ns, count):
            return None
        (most, _), *_ = Counter(who for _, who, _ in its.seen).most_common(1)
        text = addresses.text
        return Anomaly(
            name="bruteforce",
            severity=Severity.MEDIUM,
            words=(
                f"{text(server)} từ chối đăng nhập {name} của {count} địa chỉ bên ngoài trong một giờ",
                f"{text(server)} refused {name} logins of {count} addresses outside within an hour",
            ),
            source_ip=text(most),
            first_ns=its.seen[0][0],
            last_ns=now_ns,
            targets=[Target(text(server), port)],
            counts={"refusals": len(its.seen), "sources": count},
            frames=[number for _, _, number in its.seen],
        )
