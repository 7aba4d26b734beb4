# SPDX-License-Identifier: Apache-2.0
"""Scans by connections that are begun and by datagrams: many targets of one source that nobody answers."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.answered_attempts import Settled
from giamsat_agent.packets.attempts import AT_ONCE_NS, Attempt, Attempts, Source
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Addresses, Identities
from giamsat_agent.packets.columns.batch import ACK, FIN, RST, SYN, Batch
from giamsat_agent.packets.detector import NO_HASHES, NONE, Room, Table, among, first_of_each, mix
from giamsat_agent.packets.distributed_scan import Scattered
from giamsat_agent.packets.expected_peers import Acquainted
from giamsat_agent.packets.scan_thresholds import (
    ADMINISTRATION_A_DAY,
    ANSWERS_NS,
    POLLED_NS,
    TRACED,
    Known,
    Scanning,
)
from giamsat_agent.packets.services import Services
from giamsat_agent.packets.silence import Silence
from giamsat_agent.packets.traceroute import Tracers
from giamsat_wire.clock import SECOND_NS

LEASES, LEASED = 67, 68
"""A DHCP server writes to clients that had no address when they asked (RFC 2131)."""
TINY: Final = 36
"""Bytes of the longest IPv4 packet without options that ends before the flags of TCP, rounded to whole fragments."""
LATER_NS: Final = 15 * SECOND_NS
"""After so long who may be a scanner is looked at again."""
AGAIN_NS: Final = 2 * SECOND_NS
"""What is tried again after so long is another try."""
STRANGERS: Final = 1_024
"""Attempts of one batch by sources that try less in it than makes a scan; what is beyond is the flood detector's."""
SUSPECTS: Final = 256
"""Sources of several attempts that nobody answered, whose other segments are looked at as well."""
LOOKED_AT: Final = 8_192
"""Attempts of one batch that are followed one by one; in a flood of more, the rest is the flood detector's."""


class _Followed:
    """Attempts and answers of all sources, and what they amount to."""

    def __init__(
        self,
        room: Room,
        scanning: Scanning,
        goes_on: Callable[[Batch], Numbers],
        silence: Silence,
        known_of: Known,
        *,
        tried: Callable[[int, Attempt], None] = lambda _, __: None,
    ) -> None:
        """`goes_on` are the places of what nobody sends who was not answered; `silence` may be of several.

        `tried` is told of each attempt that is followed one by one, and of who makes it.
        """
        self._room = room
        self._scanning = scanning
        self._goes_on = goes_on
        self._attempts = Attempts(room)
        self._settled = Settled()
        self._suspects: Table[int, bool] = room.table(SUSPECTS)
        self._silence = silence
        self._known_of = known_of
        self._tried = tried
        self._later: Table[int, int] = room.table(SUSPECTS)
        """Who is to be judged again, and when: what was seen may mean little."""
        self._addresses = Addresses()

    def take(
        self, batch: Batch, tried: Numbers, answers: Numbers, refused: Numbers = NONE, reset: Numbers = NONE
    ) -> Iterator[Anomaly]:
        """Attempts are places from source to destination, as are resets; answers and refusals go the other way."""
        self._addresses = batch.addresses
        self._silence.hear(batch)
        touched: dict[int, tuple[Source, int]] = {}
        ends = (batch.source, batch.destination)
        aimed = (*ends, batch.destination_port, batch.time_ns)
        chosen = self._without_strangers(batch.source, tried)[:LOOKED_AT]
        chosen = chosen[~batch.addresses.groups(batch.destination[chosen])]
        answers, refused, reset = answers[:LOOKED_AT], refused[:LOOKED_AT], reset[:LOOKED_AT]
        chosen = self._unsettled(batch, chosen, answers, reset)
        for _, who, target, port, now_ns, number, own in batch.rows(chosen, *aimed, batch.number, batch.source_port):
            # What goes back to whoever asked is an answer, be it to a port that others ask at.
            if not self._attempts.has_tried(target, who, own):
                known = self._attempts.tried(who, target, port, now_ns, number)
                touched[who] = (known, now_ns)
                self._tried(who, known.attempts[target, port])
        answers, refused = (its[self._attempts.known(batch.destination[its])] for its in (answers, refused))
        for _, target, who, port in batch.rows(answers, *ends, batch.source_port):
            self._attempts.answered(who, target, port)
        for _, target, who, port, now_ns in batch.rows(refused, *ends, batch.source_port, batch.time_ns):
            self._attempts.refused(who, target, port, now_ns)
        for _, who, target, port, now_ns in batch.rows(reset[self._attempts.known(batch.source[reset])], *aimed):
            dropped = self._attempts.dropped(who, target, port, now_ns)
            if dropped is not None:
                touched[who] = (dropped, now_ns)
        self._hear(batch, touched)
        for who, (known, now_ns) in touched.items():
            if known.open >= ADMINISTRATION_A_DAY:
                yield from self._judged(who, known, now_ns)
        if len(self._later) and len(batch):
            yield from self._again(int(batch.time_ns[-1]))

    def _unsettled(self, batch: Batch, tried: Numbers, answers: Numbers, reset: Numbers) -> Numbers:
        """Without what is answered in these frames or was before: that is noted at once, unless more depends on it."""
        settled, resets = self._settled, NO_HASHES
        if len(reset):
            resets = mix(batch.source[reset], batch.destination[reset], batch.destination_port[reset])
            once = settled.made_once(resets, batch.time_ns[reset], AT_ONCE_NS)
            self._attempts.answered_before(settled.let_go(resets[once]))
        if not len(tried):
            return tried
        who, target = batch.source[tried], batch.destination[tried]
        port, own = batch.destination_port[tried], batch.source_port[tried]
        keys, back = mix(who, target, port), mix(target, who, own)
        answering = mix(batch.destination[answers], batch.source[answers], batch.source_port[answers])
        asks = ~settled.holds(back)
        # Who asks each other, or drops what is answered, is followed one by one.
        closely = among(keys, back)
        if closely.any():
            closely |= among(back, keys)
        closely |= among(keys, resets)
        apart = true_at(asks & ~closely & (settled.holds(keys) | among(keys, answering)))
        noted = self._attempts.known(who[apart]) | self._attempts.known(target[apart])
        if noted.any():
            rows = zip(*(column[apart[noted]].tolist() for column in (who, target, port, own)), strict=True)
            noted[noted] = [not self._attempts.has_room_elsewhere(*row) for row in rows]
            apart = apart[~noted]
        ends = (who[apart], target[apart], port[apart])
        apart = apart[settled.take(keys[apart], ends, batch.time_ns[tried[apart]], batch.number[tried[apart]])]
        asks[apart] = False
        left = true_at(asks)
        self._attempts.answered_before(settled.let_go(keys[left]))
        return tried[left]

    def _again(self, now_ns: int) -> Iterator[Anomaly]:
        for who, due_ns in self._later.items():
            if now_ns >= due_ns:
                self._later.drop(who)
                yield from self._judged(who, self._attempts.source(who), now_ns)

    def rest(self) -> Iterator[Anomaly]:
        """Who was to be judged later, when nothing more comes."""
        for who, due_ns in self._later.items():
            known = self._attempts.source(who)
            now_ns = max((max(one.last_ns, one.dropped_ns) for one in known.attempts.values()), default=due_ns)
            cut = self._silence.spans(now_ns, 0)
            yield from self._scanning.judged(self._addresses, who, known, now_ns, cut=cut, known_of=self._known_of)

    def _judged(self, who: int, known: Source, now_ns: int) -> Iterator[Anomaly]:
        """What a source amounts to now; while there may be more to it, or nothing, it is looked at again."""
        cut, told = self._silence.spans(now_ns, LATER_NS), False
        for anomaly in self._scanning.judged(
            self._addresses,
            who,
            known,
            now_ns,
            cut=cut,
            answers_ns=ANSWERS_NS,
            patience_ns=POLLED_NS,
            known_of=self._known_of,
        ):
            told = True
            yield anomaly
        waited = (one for one in known.unanswered(now_ns) if not one.refused_ns)
        fresh = any(now_ns - one.at_ns < ANSWERS_NS for one in waited)
        if known.open >= ADMINISTRATION_A_DAY and (fresh or not told):
            due_ns = now_ns + (ANSWERS_NS if fresh else LATER_NS)
            self._later.put(who, min(self._later.get(who) or due_ns, due_ns))

    def _hear(self, batch: Batch, touched: dict[int, tuple[Source, int]]) -> None:
        """What those that nobody seems to answer go on with was answered all the same."""
        for who, (known, _) in touched.items():
            if known.open >= ADMINISTRATION_A_DAY - 1:
                if not known.whole:
                    known.whole = True
                    self._attempts.answered_before(self._settled.let_go_of(who))
                self._suspects.put(who, value=True)
            elif len(self._suspects):
                self._suspects.drop(who)
        if len(self._suspects):
            ends = (batch.source, batch.destination, batch.destination_port, batch.time_ns)
            places, heard = self._went_on(batch)
            for (_, who, target, port, now_ns), up_to in zip(batch.rows(places, *ends), heard.tolist(), strict=True):
                self._attempts.went_on(who, target, port, now_ns, up_to)

    def _went_on(self, batch: Batch) -> tuple[Numbers, Numbers]:
        """Segments by which suspects go on with what they began, and what each acknowledges."""
        goes_on = self._goes_on(batch)
        goes_on = goes_on[
            np.isin(batch.source[goes_on], np.array([who for who, _ in self._suspects.items()], np.uint64))
        ]
        heard = batch.acknowledged(goes_on)
        ends = (batch.source[goes_on], batch.destination[goes_on], batch.destination_port[goes_on])
        first = first_of_each(*ends, heard)[:LOOKED_AT]
        return goes_on[first], heard[first]

    def _without_strangers(self, source: Identities, tried: Numbers) -> Numbers:
        """Without what a flood of made-up sources brings: it would push the sources of scans out of memory."""
        if len(tried) <= STRANGERS:
            return tried
        _, inverse, counts = np.unique(source[tried], return_inverse=True, return_counts=True)
        strange = true_at(counts[inverse] < ADMINISTRATION_A_DAY)[STRANGERS:]
        self._room.beyond += len(strange)
        return np.delete(tried, strange)


class SynScan:
    """Implements giamsat_agent.packets.detector.Waiting: connections that are begun and never answered by a SYN-ACK."""

    def __init__(self, silence: Silence | None = None, acquainted: Acquainted | None = None) -> None:
        self.room = Room()
        self._acquainted = acquainted or Acquainted()
        scanning = Scanning(("scan_tcp_vertical", "scan_tcp_horizontal"), "tcp")
        self._scattered = Scattered(self.room, self._acquainted)
        self._followed = _Followed(
            self.room, scanning, _within, silence or Silence(), self._acquainted.named, tried=self._scattered.add
        )

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        self._acquainted.hear(batch)
        begun = batch.begins
        # A segment cut so short that its flags are in the next fragment hides a scan from filters (RFC 1858).
        cut = batch.cut
        if len(cut):
            size = batch.size[cut]
            tiny = ~batch.fragment[cut] & (size > 0) & (size <= TINY) & (batch.destination_port[cut] > 0)
            begun = np.sort(np.concatenate((begun, cut[tiny])))
        begun = begun[_once(batch, begun)]
        answers = batch.accepts[(batch.flags[batch.accepts] & (RST | FIN)) == 0]
        refused = batch.turns[(batch.flags[batch.turns] & RST) != 0]
        # A kernel that never began the connection resets it, bare; one that drops its own acknowledges as well.
        reset = refused[batch.flags[refused] == RST]
        reset = reset[_once(batch, reset)]
        refused = refused[first_of_each(batch.source[refused], batch.source_port[refused], batch.destination[refused])]
        yield from self._followed.take(batch, begun, answers, refused, reset)
        if len(batch):
            yield from self._scattered.judged(batch.addresses, int(batch.time_ns[-1]))

    def rest(self) -> Iterator[Anomaly]:
        """Who was not judged yet, when nothing more comes."""
        yield from self._followed.rest()
        yield from self._scattered.rest()


def _once(batch: Batch, places: Numbers) -> Numbers:
    """The first of every try."""
    ends = (batch.source[places], batch.destination[places], batch.destination_port[places])
    return first_of_each(*ends, batch.time_ns[places] // AGAIN_NS)


def _within(batch: Batch) -> Numbers:
    """Segments within a connection. A scan acknowledges what nobody sent as well, but not ever more of it."""
    within: Numbers = batch.tcp[(batch.flags[batch.tcp] & (SYN | ACK | RST)) == ACK]
    return within


class UdpScan:
    """Implements giamsat_agent.packets.detector.Waiting: datagrams to many ports that get none back."""

    def __init__(self, silence: Silence | None = None, acquainted: Acquainted | None = None) -> None:
        self.room = Room()
        self._acquainted = acquainted or Acquainted()
        self._tracers = Tracers(self.room)
        self._services = Services()
        scanning = Scanning(("scan_udp", "host_discovery"), "udp")
        self._followed = _Followed(self.room, scanning, lambda _: NONE, silence or Silence(), self._acquainted.known)

    def take(self, batch: Batch) -> Iterable[Anomaly]:
        """Look at the next frames."""
        self._acquainted.hear(batch)
        udp = batch.udp[~batch.fragment[batch.udp]]
        port = batch.destination_port[udp]
        traced = (port >= TRACED.start) & (port < TRACED.stop)
        leases = (batch.source_port[udp] == LEASES) & (port == LEASED)
        answers = udp[first_of_each(batch.source[udp], batch.source_port[udp], batch.destination[udp])]
        answering = self._services.answering(batch, udp)
        tried = udp[~traced & ~answering & ~leases & (port > 0)]
        tried = tried[first_of_each(batch.source[tried], batch.destination[tried], batch.destination_port[tried])]
        tried = tried[~self._services.called(batch, tried)]
        tried = tried[~self._tracers.looking(batch, tried)]
        return self._followed.take(batch, tried, answers)

    def rest(self) -> Iterable[Anomaly]:
        """Who was not judged yet, when nothing more comes."""
        return self._followed.rest()
