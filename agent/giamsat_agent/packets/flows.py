# SPDX-License-Identifier: Apache-2.0
"""Who talked with whom: frames summed up by their ends, ports and protocol, both directions together.

The table is bounded: when there are too many flows, a small one of those not heard of for longest is added to the rest,
so sums always hold. Flows are told apart by a keyed hash, so nobody can choose two that are taken for one.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from giamsat_agent.packets.anomaly import instant
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.batch import ACK, ICMP, ICMP6, NOT_IP, SYN, TCP, UDP, UNKNOWN, Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.columns.trains import lengths_of

FLOWS: Final = 65_536
PORTED: Final = OneOf((TCP, UDP))
SERVICE: Final = 1_024
"""Ports below are services' (RFC 6335, system ports)."""
LOOKED_AT: Final = 8
"""Of so many that were not heard of for longest the smallest goes: a scan does not push out a long download."""
TRANSPORTS: Final = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ICMP6: "ipv6-icmp"}
"""ECS network.transport; another protocol is told by its number (IANA)."""
FLAGS: Final = "FSRPAU"


class Flow(msgspec.Struct, gc=False):
    """Frames between two ends. `source` began it, as far as can be told; bytes are those of the IP packets.

    `begun_by` is its address as a number, and port.

    For ICMP the ports are 0. Times are UNIX nanoseconds of the capture's clock.
    """

    source: str
    destination: str
    source_port: int
    destination_port: int
    protocol: int
    first_ns: int
    last_ns: int
    sent_packets: int = 0
    sent_bytes: int = 0
    received_packets: int = 0
    received_bytes: int = 0
    flags: int = 0
    begun_by: tuple[int, int] = (0, 0)

    @property
    def packets(self) -> int:
        """In both directions."""
        return self.sent_packets + self.received_packets

    @property
    def size(self) -> int:
        """Bytes in both directions."""
        return self.sent_bytes + self.received_bytes

    def as_json(self) -> dict[str, Any]:
        """The flow in ECS fields; `tcp.flags` are all that were seen, in either direction."""
        transport = TRANSPORTS.get(self.protocol, str(self.protocol))
        shape: dict[str, Any] = {
            "source": _end(self.source, self.source_port, self.sent_packets, self.sent_bytes),
            "destination": _end(self.destination, self.destination_port, self.received_packets, self.received_bytes),
            "network": {"transport": transport, "packets": self.packets, "bytes": self.size},
            "event": {
                "start": instant(self.first_ns),
                "end": instant(self.last_ns),
                "duration": self.last_ns - self.first_ns,
            },
        }
        if self.protocol == TCP:
            shape["tcp"] = {"flags": "".join(name for bit, name in enumerate(FLAGS) if self.flags >> bit & 1)}
        return shape


@dataclass(slots=True)
class Rest:
    """What is not told one by one. `other` are the frames that are not IP."""

    flows: int = 0
    packets: int = 0
    size: int = 0
    other: int = 0

    def add(self, flow: Flow) -> None:
        """Count a flow in."""
        self.flows += 1
        self.packets += flow.packets
        self.size += flow.size

    def as_json(self) -> dict[str, Any]:
        """Sums."""
        return {"rest": {"flows": self.flows, "packets": self.packets, "bytes": self.size, "not_ip": self.other}}


class Flows:
    """The flows of one stream of frames.

    Of one batch `at_once` flows at most are looked at one by one, those with the most bytes: a flood of ever new
    senders costs no more than that, and its frames are in the rest.
    """

    def __init__(self, most: int = FLOWS, at_once: int | None = None) -> None:
        self._most = most
        self._at_once = at_once
        self._flows: OrderedDict[int, Flow] = OrderedDict()
        self._rest = Rest()

    def take(self, batch: Batch) -> None:
        """Sum up the next frames."""
        ip = int(np.count_nonzero(batch.protocol != NOT_IP))
        self._rest.other += len(batch) - ip
        if not ip:
            return
        summed = _Summed(batch)
        chosen = summed.largest(self._at_once)
        if len(chosen) < len(summed.keys):
            summed.leave(chosen, self._rest)
        for key, part in summed.parts(chosen):
            self._add(key, part, batch.addresses)

    def top(self, most: int) -> tuple[list[Flow], Rest]:
        """The flows with the most bytes, the largest first, and the sums of all others."""
        every = sorted(self._flows.values(), key=lambda flow: (flow.size, flow.packets), reverse=True)
        rest = Rest(self._rest.flows, self._rest.packets, self._rest.size, self._rest.other)
        for flow in every[most:]:
            rest.add(flow)
        return every[:most], rest

    def clear(self) -> None:
        """Begin anew."""
        self._flows.clear()
        self._rest = Rest()

    def _add(self, key: int, part: "_Part", addresses: Addresses) -> None:
        flow = self._flows.get(key)
        if flow is not None:
            self._flows.move_to_end(key)
            part.join(flow)
            return
        self._flows[key] = part.begun(addresses)
        if len(self._flows) > self._most:
            oldest = islice(self._flows, LOOKED_AT)
            self._rest.add(self._flows.pop(min(oldest, key=lambda one: self._flows[one].size)))


class _Part(NamedTuple):
    """What one batch adds to a flow; sent by `source`, the sender of the flow's first frame here, and received."""

    source: int
    destination: int
    source_port: int
    destination_port: int
    protocol: int
    first_ns: int
    last_ns: int
    sent: int
    sent_size: int
    received: int
    received_size: int
    flags: int
    opening: int

    def begun(self, addresses: Addresses) -> Flow:
        """A flow of these frames; an answer to what was not seen is turned round.

        Without its opening, a connection belongs to the end that has a service's port.
        """
        one, other = (self.source, self.source_port), (self.destination, self.destination_port)
        sent, received = (self.sent, self.sent_size), (self.received, self.received_size)
        if self.opening == SYN | ACK or (not self.opening & SYN and 0 < one[1] < SERVICE <= other[1]):
            one, other, sent, received = other, one, received, sent
        ends = (addresses.text(one[0]), addresses.text(other[0]), one[1], other[1])
        return Flow(*ends, self.protocol, self.first_ns, self.last_ns, *sent, *received, self.flags, one)

    def join(self, flow: Flow) -> None:
        """Count the frames in."""
        # Taken apart at once, as most parts are of flows that are known.
        source, _, port, _, _, first_ns, last_ns, sent, sent_size, received, received_size, flags, _ = self
        if flow.begun_by != (source, port):
            sent, sent_size, received, received_size = received, received_size, sent, sent_size
        flow.sent_packets += sent
        flow.sent_bytes += sent_size
        flow.received_packets += received
        flow.received_bytes += received_size
        flow.flags |= flags
        flow.last_ns = max(flow.last_ns, last_ns)
        flow.first_ns = min(flow.first_ns, first_ns)


class _Summed:
    """The IP frames of a batch by flow: one place in every column is one flow, both directions together.

    Every train is summed up, of which there are far fewer than frames; and only those sums are sorted.
    """

    def __init__(self, batch: Batch) -> None:
        trains, turned = batch.trains, batch.trains.turned
        begins, each = trains.begins, batch.size.astype(np.int64)
        columns = (each, turned.astype(np.int64), each * turned)
        size, back, back_size = (np.add.reduceat(column, begins) for column in columns)
        flags = np.bitwise_or.reduceat(batch.flags, begins)
        first_ns, last_ns = np.minimum.reduceat(batch.time_ns, begins), np.maximum.reduceat(batch.time_ns, begins)
        some = true_at(batch.protocol[begins] != NOT_IP)
        keys = batch.talks[some]
        order = np.argsort(keys)
        keys, some = keys[order], some[order]
        # Now by flow: each has one train or more, and was begun by who sent the first frame of the first one.
        flow = true_at(np.concatenate((np.ones(1, bool), keys[1:] != keys[:-1])))
        place = np.minimum.reduceat(begins[some], flow)
        of = np.repeat(np.arange(len(flow)), lengths_of(flow, len(keys)))
        sides = batch.sides[some]
        other = sides != sides[begins[some] == place[of]][of]
        packets, back, size, back_size = (column[some] for column in (trains.lengths, back, size, back_size))
        received, received_size = np.where(other, packets - back, back), np.where(other, size - back_size, back_size)
        self._batch = batch
        self.keys, self._places = keys[flow], place
        self._received, self._received_size = (np.add.reduceat(one, flow) for one in (received, received_size))
        self._sent, self.size = np.add.reduceat(packets, flow) - self._received, np.add.reduceat(size, flow)
        self._sent_size = self.size - self._received_size
        self._flags = np.bitwise_or.reduceat(flags[some], flow) & (UNKNOWN - 1)
        self._first_ns = np.minimum.reduceat(first_ns[some], flow)
        self._last_ns = np.maximum.reduceat(last_ns[some], flow)

    def largest(self, most: int | None) -> Numbers:
        """The flows with the most bytes, in the order of their first frames."""
        count = len(self.keys)
        if most is None or count <= most:
            return np.argsort(self._places)
        chosen = np.argpartition(self.size, count - most)[count - most :]
        return chosen[np.argsort(self._places[chosen])]

    def leave(self, chosen: Numbers, rest: Rest) -> None:
        """Count all others into the rest."""
        packets = self._sent + self._received
        rest.flows += len(self.keys) - len(chosen)
        rest.packets += int(packets.sum() - packets[chosen].sum())
        rest.size += int(self.size.sum() - self.size[chosen].sum())

    def parts(self, chosen: Numbers) -> Iterator[tuple[int, _Part]]:
        """Some flows, each with its key."""
        batch, at = self._batch, self._places[chosen]
        has_ports = PORTED.at(batch.protocol[at])
        sums = (
            *(self._first_ns, self._last_ns, self._sent, self._sent_size, self._received, self._received_size),
            self._flags,
        )
        columns = (
            *(batch.source[at], batch.destination[at]),
            *(batch.source_port[at] * has_ports, batch.destination_port[at] * has_ports, batch.protocol[at]),
            *(column[chosen] for column in sums),
            batch.flags[at] & (SYN | ACK),
        )
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return zip(self.keys[chosen].tolist(), map(_Part._make, rows), strict=True)


def _end(ip: str, port: int, packets: int, size: int) -> dict[str, Any]:
    return {"ip": ip, "port": port or None, "packets": packets, "bytes": size}
