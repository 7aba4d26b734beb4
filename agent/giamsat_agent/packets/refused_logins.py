# SPDX-License-Identifier: Apache-2.0
"""Refused logins by client, server and port, and when they are too many (ATT&CK T1110).

Floors: 10 refusals within two minutes, or 30 within a day. Who guesses wants to get on: what is refused by a clock, a
try for the same user after each pause, is most often a program whose password was changed. It is told all the same, as
what it is, for nobody can see who has time.
"""

from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room, Table, Told, busiest
from giamsat_agent.packets.password_spraying import Sprayed
from giamsat_wire.clock import SECOND_NS

FAST, FAST_NS = 10, 120 * SECOND_NS
SLOW, SLOW_NS = 30, 24 * 3600 * SECOND_NS
LAST: Final = 32
"""Refusals among which those are that are taken back."""
MISTYPED: Final = 5
"""So often somebody may mistype before he is let in; some systems try what he typed twice."""
AT_ONCE_NS: Final = SECOND_NS
AGAIN: Final = 3
"""A program tries so often at once, by another address, another cipher, or TCP in place of UDP: all that is one try."""
TRIES, PAUSE_NS, EVEN = 5, 5 * SECOND_NS, 0.1
"""Tries that show a clock, the least pause between them, and how far the pauses may be from the usual one."""
_KEPT: Final = 1_024

Key = tuple[int, int, int]


class Refused:
    """When each client was refused by a server."""

    def __init__(self, room: Room) -> None:
        self._refused: Table[Key, deque[tuple[int, int, int]]] = room.table(4_096)
        self._told: Told[Key] = Told()
        self._sprayed = Sprayed(room)

    def take_back(self, batch: Batch, at: int, whom: int = 0) -> bool:
        """This answer lets in somebody who was refused before, if he was: whether he was. 0 stands for nobody known.

        Whoever is let in excuses no other: else who has one password could try all others in peace.
        """
        refused = self._refused.get(key_of(batch, at))
        if refused is None:
            return False
        places = range(len(refused) - 1, max(len(refused) - LAST, 0) - 1, -1)
        his = [place for place in places if refused[place][2] == whom][: MISTYPED if whom else 1]
        for place in his:
            del refused[place]
        if his:
            self._sprayed.let_in(
                (int(batch.destination[at]), int(batch.source_port[at])), int(batch.source[at]), int(batch.time_ns[at])
            )
        return bool(his)

    def add(self, batch: Batch, at: int, service: str, whom: int = 0) -> Iterator[Anomaly]:
        """This answer refuses a login to a service; what to tell of it."""
        yield from self._counted(batch, at, key_of(batch, at), (service, whom))

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
            yield _anomaly(batch, key, service, refused)
        seen = (now_ns, int(batch.number[at]))
        everywhere = self._sprayed.refused(batch.addresses, (key[0], key[2]), key[1], seen, service)
        if everywhere is not None:
            yield everywhere


def _anomaly(batch: Batch, key: Key, service: str, refused: deque[tuple[int, int, int]]) -> Anomaly:
    client, server, count = batch.addresses.text(key[0]), batch.addresses.text(key[1]), len(refused)
    words_vi = f"{server} từ chối {count} lần đăng nhập {service} của {client}"
    words_en = f"{server} refused {count} {service} logins of {client}"
    of_one = len({whom for _, _, whom in refused}) == 1
    severity, (more_vi, more_en) = weighed([at_ns for at_ns, _, _ in refused] if of_one else [])
    return Anomaly(
        name="bruteforce",
        severity=severity,
        words=(words_vi + more_vi, words_en + more_en),
        source_ip=client,
        first_ns=refused[0][0],
        last_ns=refused[-1][0],
        targets=[Target(server, key[2])],
        counts={"refusals": count},
        frames=[number for _, number, _ in refused],
    )


def weighed(times: list[int]) -> tuple[Severity, tuple[str, str]]:
    """How much refusals of one user at these times weigh, and what there is to say of them, in both languages."""
    pause_s = _clock_s(times) if times else 0
    if not pause_s:
        return Severity.HIGH, ("", "")
    return Severity.MEDIUM, (
        f", đều đặn cứ {pause_s} giây một lần: có thể là chương trình còn dùng mật khẩu cũ",
        f", one each {pause_s} seconds: perhaps a program that still has an old password",
    )


def _clock_s(times: list[int]) -> int:
    """The seconds between tries that come by a clock; 0 if they do not."""
    begins = [at for before, at in pairwise((times[0] - AT_ONCE_NS, *times)) if at - before >= AT_ONCE_NS]
    if len(begins) < TRIES or len(times) > AGAIN * len(begins):
        return 0
    pauses = [after - before for before, after in pairwise(begins)]
    usual = median(pauses)
    spread = median(abs(pause - usual) for pause in pauses)
    return round(usual / SECOND_NS) if usual >= PAUSE_NS and spread <= EVEN * usual else 0


def key_of(batch: Batch, at: int) -> Key:
    """The client that an answer goes to, its server, and the port."""
    return int(batch.destination[at]), int(batch.source[at]), int(batch.source_port[at])
