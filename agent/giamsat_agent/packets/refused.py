# SPDX-License-Identifier: Apache-2.0
"""Refused logins by client, server and port, and when they are too many (ATT&CK T1110).

Floors: 10 refusals within two minutes, or 30 within a day.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import Batch
from giamsat_agent.packets.detector import SECOND_NS, Table, Told, busiest

FAST, FAST_NS = 10, 120 * SECOND_NS
SLOW, SLOW_NS = 30, 24 * 3600 * SECOND_NS
LAST: Final = 32
"""Refusals among which those are that are taken back."""
MISTYPED: Final = 5
"""So often somebody may mistype before he is let in; some systems try what he typed twice."""
_KEPT: Final = 1_024

Key = tuple[int, int, int]


class Refused:
    """When each client was refused by a server."""

    def __init__(self) -> None:
        self._refused: Table[Key, deque[tuple[int, int, int]]] = Table(4_096)
        self._told: Told[Key] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._refused.evicted

    def take_back(self, batch: Batch, at: int, whom: int = 0) -> bool:
        """This answer lets in somebody who was refused before, if he was: whether he was. 0 stands for nobody known.

        Whoever is let in excuses no other: else who has one password could try all others in peace.
        """
        refused = self._refused.get(_key(batch, at))
        if refused is None:
            return False
        places = range(len(refused) - 1, max(len(refused) - LAST, 0) - 1, -1)
        his = [place for place in places if refused[place][2] == whom][: MISTYPED if whom else 1]
        for place in his:
            del refused[place]
        return bool(his)

    def add(self, batch: Batch, at: int, service: str, whom: int = 0) -> Iterator[Anomaly]:
        """This answer refuses a login to a service; what to tell of it."""
        yield from self._counted(batch, at, _key(batch, at), (service, whom))

    def add_asked(self, batch: Batch, at: int, service: str, whom: int) -> Iterator[Anomaly]:
        """This request shows that the one before it was refused; what to tell of it."""
        key = (int(batch.source[at]), int(batch.destination[at]), int(batch.destination_port[at]))
        yield from self._counted(batch, at, key, (service, whom))

    def _counted(self, batch: Batch, at: int, key: Key, what: tuple[str, int]) -> Iterator[Anomaly]:
        now_ns, (service, whom) = int(batch.time_ns[at]), what
        refused = self._refused.get(key)
        if refused is None:
            refused = self._refused.put(key, deque(maxlen=_KEPT))
        refused.append((now_ns, int(batch.number[at]), whom))
        while now_ns - refused[0][0] > SLOW_NS:
            refused.popleft()
        count = len(refused)
        guesses = count >= SLOW or busiest([at_ns for at_ns, _, _ in refused], FAST_NS) >= FAST
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
                frames=[number for _, number, _ in list(refused)[:20]],
            )


def _key(batch: Batch, at: int) -> Key:
    return int(batch.destination[at]), int(batch.source[at]), int(batch.source_port[at])
