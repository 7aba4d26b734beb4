# SPDX-License-Identifier: Apache-2.0
"""Which of the datagrams that flow to a host in one second somebody wants: the rest may be a flood.

Wanted is what the host answers. What it hardly answers is still a stream if one end sends it to one other and

- it was answered within ANSWERED_S in the same talk, as by the other end of a VPN or of a transfer, and most of it has
  one length; or
- nobody answers such datagrams, and each has their form: those of calls, cameras and television count up, logs and flow
  records come from ends that were heard before.

Nothing is a stream to a host that says no such service is there, nor at a port whose every question gets an answer. No
form is believed above EACH a second of one end, nor anything above STREAMED a second to one host.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.batch import ICMP, ICMP6, UDP, Batch, Mask
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.columns.talks import end_of, talk_of
from giamsat_agent.packets.columns.trains import lengths_of
from giamsat_agent.packets.flood_frames import REFLECTORS, Frames
from giamsat_agent.packets.flood_thresholds import ANSWERED
from giamsat_agent.packets.one_way_protocols import counted, is_record, is_rtp, is_television
from giamsat_wire.clock import SECOND_NS

ANSWERED_S: Final = 180
"""VPNs keep themselves alive each 10 to 120 seconds."""
STEADY: Final = 10
"""Datagrams of one end within a second that show what they are by themselves."""
BEGINNING_S: Final = 60
"""So long nobody can have been heard before."""
EACH: Final = 5_000
"""Datagrams of one end in a second: 56 Mbit/s of video."""
STREAMED: Final = 20_000
NEARLY_ALL: Final = 0.9
IN_ORDER, GAP = 0.75, 4
"""The part of numbers that come next to each other, with so many between at most that were lost."""
COUNTERS: Final = 4
"""Different counters of MPEG-TS, of sixteen that there are."""
SAME_LENGTH: Final = 0.5
SHIFT: Final = np.uint64(49)
SLOTS: Final = 1 << 15
_ASKED: Final = OneOf(REFLECTORS)
_UNREACHABLE, _NO_PORT = (ICMP, 3), 3
_UNREACHABLE6, _NO_PORT6 = (ICMP6, 1), 4
"""Type and code of a port that nobody listens at (RFC 792, RFC 4443)."""


@dataclass(frozen=True, slots=True)
class _Talks:
    """Datagrams to one host in one second, and the talks they are part of: `of` says of each which, by its number."""

    frames: Frames
    places: Numbers
    numbers: Numbers
    turned: Mask
    first: Numbers
    of: Numbers
    count: Numbers

    def share(self, chosen: Mask) -> npt.NDArray[np.float64]:
        """Of each talk, the part that is among the chosen."""
        share: npt.NDArray[np.float64] = np.bincount(self.of, weights=chosen, minlength=len(self.count)) / self.count
        return share


class Streams:
    """When each end of a talk was heard first and last, in seconds; a newcomer may take another talk's place."""

    def __init__(self) -> None:
        self._talk = np.zeros(SLOTS, np.uint64)
        self._first = np.zeros(2 * SLOTS, np.int64)
        self._last = np.zeros(2 * SLOTS, np.int64)
        self._since = 0

    def take(self, batch: Batch) -> None:
        """Hear the datagrams of the next frames."""
        self._since = self._since or int(batch.time_ns[0]) // SECOND_NS
        heard = batch.udp[~batch.fragment[batch.udp]]
        talk, second = batch.talk[heard], batch.time_ns[heard] // SECOND_NS
        slot = (talk >> SHIFT).view(np.int64)
        fresh = self._talk[slot] != talk
        self._talk[slot[fresh]] = talk[fresh]
        self._last[2 * slot[fresh]] = self._last[2 * slot[fresh] + 1] = 0
        place = 2 * slot + (batch.way[heard] != talk)
        kept = self._talk[slot] == talk
        place, second = place[kept], second[kept]
        unheard = self._last[place] == 0
        # Of several numbers for one place the last is kept.
        self._first[place[unheard][::-1]] = second[unheard][::-1]
        self._last[place] = second

    def strays(self, frames: Frames, its: Numbers, back: Frames) -> Numbers:
        """Those of the datagrams to one host in one second that are neither answered nor part of a stream.

        `back` is what the host sent in that second.
        """
        loose = its[~_are_answered(frames, its, back)]
        if not len(loose):
            return loose
        talks = _talks(frames, loose)
        streams = (self._is_one_way(talks) | self._is_bulk(talks)) & ~_is_refused(talks, back)
        streamed = streams[talks.of]
        return loose if np.count_nonzero(streamed) > STREAMED else loose[~streamed]

    def _is_one_way(self, talks: _Talks) -> Mask:
        """Which talks are made of what nobody answers, by design."""
        opening, payload = talks.frames.opening[talks.places], talks.frames.payload[talks.places]
        several = talks.count >= STEADY
        rtp = several & (talks.share(is_rtp(opening)) >= NEARLY_ALL)
        television = several & (talks.share(is_television(opening, payload)) >= NEARLY_ALL)
        records = talks.share(is_record(opening, payload)) >= NEARLY_ALL
        if rtp.any() or television.any():
            gaps = _gaps(talks, counted(opening))
            rtp &= talks.share((gaps > 0) & (gaps <= GAP)) >= IN_ORDER
            television &= np.bincount(talks.of, weights=gaps > 0, minlength=len(talks.count)) >= COUNTERS - 1
        if records.any():
            records &= several | self._were_heard(talks)
        found: Mask = (rtp | television | records) & (talks.count <= EACH)
        return found

    def _were_heard(self, talks: _Talks) -> Mask:
        """Which talks go on from an earlier second; at the beginning nobody can say."""
        second = int(talks.frames.second[talks.places[0]])
        place = self._place(talks, answers=False)
        before = (place >= 0) & (self._last[place] > 0) & (self._first[place] < second)
        heard: Mask = before | np.full(len(place), second - self._since < BEGINNING_S)
        return heard

    def _is_bulk(self, talks: _Talks) -> Mask:
        """Which talks carry much in one direction for an end that answered lately."""
        frames, first = talks.frames, talks.places[talks.first]
        asked = _ASKED.at(frames.destination_port[first]) | _ASKED.at(frames.source_port[first])
        second, place = int(frames.second[first[0]]), self._place(talks, answers=True)
        last = self._last[place]
        lately = (place >= 0) & (last > 0) & (last >= second - ANSWERED_S) & (self._first[place] <= second)
        found: Mask = (talks.count >= STEADY) & lately & ~asked
        if found.any():
            _, source, each = np.unique(frames.source[talks.places], return_inverse=True, return_counts=True)
            found &= talks.count >= NEARLY_ALL * each[source[talks.first]]
            found &= _commonest(talks, frames.payload[talks.places]) >= SAME_LENGTH * talks.count
        return found

    def _place(self, talks: _Talks, *, answers: bool) -> Numbers:
        """Where it stands when the end that sends was heard, or the one that answers; -1 if the talk is not known."""
        number = talks.numbers[talks.first].view(np.uint64)
        slot = (number >> SHIFT).view(np.int64)
        place: Numbers = np.where(self._talk[slot] == number, 2 * slot + (talks.turned[talks.first] ^ answers), -1)
        return place


def _talks(frames: Frames, places: Numbers) -> _Talks:
    near = end_of(frames.source[places], frames.source_port[places])
    far = end_of(frames.destination[places], frames.destination_port[places])
    number = talk_of(near, far, np.full(len(places), UDP, np.int64)).view(np.int64)
    _, first, of, count = np.unique(number, return_index=True, return_inverse=True, return_counts=True)
    return _Talks(frames, places, number, near > far, first, of, count)


def _are_answered(frames: Frames, its: Numbers, back: Frames) -> Mask:
    """Which datagrams come from hosts that got something back in the same second, as much as makes a conversation."""
    sources, of, sent = np.unique(frames.source[its], return_inverse=True, return_counts=True)
    to, got = np.unique(back.destination[back.protocol == UDP], return_counts=True)
    if not len(to):
        return np.zeros(len(its), bool)
    at = np.minimum(np.searchsorted(to, sources), len(to) - 1)
    answered: Mask = (to[at] == sources) & (got[at] >= ANSWERED * sent)
    return answered[of]


def _is_refused(talks: _Talks, back: Frames) -> Mask:
    """Which talks come from hosts that were told in that second that nobody listens there."""
    no_port = np.zeros(len(back), bool)
    for (protocol, kind), code in ((_UNREACHABLE, _NO_PORT), (_UNREACHABLE6, _NO_PORT6)):
        no_port |= (back.protocol == protocol) & (back.source_port == kind) & (back.destination_port == code)
    refused: Mask = np.isin(talks.frames.source[talks.places[talks.first]], back.destination[no_port])
    return refused


def _gaps(talks: _Talks, numbers: Numbers) -> Numbers:
    """How far each datagram's number is from the next smaller one of its talk; 0 for the smallest."""
    order = np.lexsort((numbers, talks.of))
    ordered, of = numbers[order], talks.of[order]
    gaps = np.zeros(len(numbers), np.int64)
    gaps[order[1:]] = np.where(of[1:] == of[:-1], ordered[1:] - ordered[:-1], 0)
    return gaps


def _commonest(talks: _Talks, sizes: Numbers) -> Numbers:
    """How many datagrams of each talk have the length that most of them have."""
    order = np.lexsort((sizes, talks.of))
    ordered, of = sizes[order], talks.of[order]
    begins = true_at(np.concatenate((np.ones(1, bool), (of[1:] != of[:-1]) | (ordered[1:] != ordered[:-1]))))
    lengths = lengths_of(begins, len(of))
    first = true_at(np.concatenate((np.ones(1, bool), np.diff(of[begins]) != 0)))
    most: Numbers = np.maximum.reduceat(lengths, first)
    return most
