# SPDX-License-Identifier: Apache-2.0
"""Who talked with whom: frames summed up by their ends, ports and protocol, both directions together.

The table is bounded: when there are too many flows, a small one of those not heard of for longest is added to the rest,
so sums always hold. Flows are told apart by a keyed hash, so nobody can choose two that are taken for one.
"""

import heapq
from collections import OrderedDict
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np

from giamsat_agent.packets.addresses import Addresses
from giamsat_agent.packets.anomaly import instant
from giamsat_agent.packets.batch import ACK, ICMP, ICMP6, NOT_IP, SYN, TCP, UDP, UNKNOWN, Batch, OneOf
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.detector import mix

FLOWS: Final = 65_536
PORTED: Final = OneOf((TCP, UDP))
SERVICE: Final = 1_024
"""Ports below are services' (RFC 6335, system ports)."""
LOOKED_AT: Final = 8
"""Of so many that were not heard of for longest the smallest goes: a scan does not push out a long download."""
TRANSPORTS: Final = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ICMP6: "ipv6-icmp"}
"""ECS network.transport; another protocol is told by its number (IANA)."""
FLAGS: Final = "FSRPAU"
_NS: Final = 1_000_000_000


@dataclass(slots=True)
class Flow:
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
        ip = np.flatnonzero(batch.protocol != NOT_IP)
        self._rest.other += len(batch.protocol) - len(ip)
        if not len(ip):
            return
        summed = _Summed(batch, ip)
        chosen = summed.largest(self._at_once)
        if len(chosen) < len(summed.keys):
            summed.leave(chosen, self._rest)
        for number in chosen.tolist():
            self._add(int(summed.keys[number]), summed.part(number), batch.addresses)

    def top(self, most: int) -> tuple[list[Flow], Rest]:
        """The flows with the most bytes, the largest first, and the sums of all others."""
        every = self._flows.values()
        largest = heapq.nlargest(most, every, key=lambda flow: (flow.size, flow.packets))
        rest = Rest(self._rest.flows, self._rest.packets, self._rest.size, self._rest.other)
        told = {id(flow) for flow in largest}
        for flow in every:
            if id(flow) not in told:
                rest.add(flow)
        return largest, rest

    def clear(self) -> None:
        """Begin anew."""
        self._flows.clear()
        self._rest = Rest()

    def _add(self, key: int, part: "_Part", addresses: Addresses) -> None:
        flow = self._flows.get(key)
        if flow is None:
            flow = self._flows[key] = part.begun(addresses)
            if len(self._flows) > self._most:
                oldest = islice(self._flows, LOOKED_AT)
                self._rest.add(self._flows.pop(min(oldest, key=lambda one: self._flows[one].size)))
        self._flows.move_to_end(key)
        part.join(flow)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one batch adds to a flow; [0] is from `source`, the sender of the flow's first frame here, [1] the rest."""

    source: int
    destination: int
    source_port: int
    destination_port: int
    protocol: int
    first_ns: int
    last_ns: int
    packets: tuple[int, int]
    size: tuple[int, int]
    flags: int
    turned: bool

    def begun(self, addresses: Addresses) -> Flow:
        """A flow without frames; an answer to what was not seen is turned round."""
        near = (self.source, self.source_port)
        far = (self.destination, self.destination_port)
        one, other = (far, near) if self.turned else (near, far)
        ends = (addresses.text(one[0]), addresses.text(other[0]), one[1], other[1])
        return Flow(*ends, self.protocol, self.first_ns, self.last_ns, begun_by=one)

    def join(self, flow: Flow) -> None:
        """Count the frames in."""
        sent, received = (0, 1) if flow.begun_by == (self.source, self.source_port) else (1, 0)
        flow.sent_packets += self.packets[sent]
        flow.sent_bytes += self.size[sent]
        flow.received_packets += self.packets[received]
        flow.received_bytes += self.size[received]
        flow.first_ns, flow.last_ns = min(flow.first_ns, self.first_ns), max(flow.last_ns, self.last_ns)
        flow.flags |= self.flags


class _Summed:
    """The IP frames of a batch by flow: one place in every column is one flow, both directions together."""

    def __init__(self, batch: Batch, ip: Numbers) -> None:
        protocol, source, destination = batch.protocol[ip], batch.source[ip], batch.destination[ip]
        ports = PORTED.at(protocol)
        near, far = batch.source_port[ip] * ports, batch.destination_port[ip] * ports
        # From the smaller end to the greater one: so both directions have one key.
        ahead = (source < destination) | ((source == destination) & (near <= far))
        keys = mix(
            np.where(ahead, source, destination),
            np.where(ahead, destination, source),
            np.where(ahead, near, far),
            np.where(ahead, far, near),
            protocol,
        )
        order = np.argsort(keys)
        ordered = keys[order]
        starts = np.flatnonzero(np.concatenate((np.ones(1, bool), ordered[1:] != ordered[:-1])))
        first = np.minimum.reduceat(order, starts)
        self.keys = ordered[starts]
        self.packets = np.diff(starts, append=len(order))
        forth = ahead[order] == np.repeat(ahead[first], self.packets)
        size, time_ns = batch.size[ip][order], batch.time_ns[ip][order]
        flags = np.where(batch.flags[ip] == UNKNOWN, 0, batch.flags[ip])
        self.size = np.add.reduceat(size, starts)
        self._sent_packets = np.add.reduceat(forth.astype(np.int64), starts)
        self._sent_size = np.add.reduceat(size * forth, starts)
        self._flags = np.bitwise_or.reduceat(flags[order], starts)
        self._first_ns = np.minimum.reduceat(time_ns, starts)
        self._last_ns = np.maximum.reduceat(time_ns, starts)
        self._ends = (source[first], destination[first], near[first], far[first], protocol[first])
        self._opening = flags[first] & (SYN | ACK)
        self._places = first

    def largest(self, most: int | None) -> Numbers:
        """The flows with the most bytes, in the order of their first frames."""
        count = len(self.keys)
        if most is None or count <= most:
            return np.argsort(self._places)
        chosen = np.argpartition(self.size, count - most)[count - most :]
        return chosen[np.argsort(self._places[chosen])]

    def leave(self, chosen: Numbers, rest: Rest) -> None:
        """Count all others into the rest."""
        rest.flows += len(self.keys) - len(chosen)
        rest.packets += int(self.packets.sum() - self.packets[chosen].sum())
        rest.size += int(self.size.sum() - self.size[chosen].sum())

    def part(self, number: int) -> _Part:
        """One flow."""
        source, destination, near, far, protocol = (int(column[number]) for column in self._ends)
        packets, sent_packets = int(self.packets[number]), int(self._sent_packets[number])
        size, sent_size = int(self.size[number]), int(self._sent_size[number])
        opening = int(self._opening[number])
        return _Part(
            source=source,
            destination=destination,
            source_port=near,
            destination_port=far,
            protocol=protocol,
            first_ns=int(self._first_ns[number]),
            last_ns=int(self._last_ns[number]),
            packets=(sent_packets, packets - sent_packets),
            size=(sent_size, size - sent_size),
            flags=int(self._flags[number]),
            # Without its opening, a connection belongs to the end that has a service's port.
            turned=opening == SYN | ACK or (not opening & SYN and 0 < near < SERVICE <= far),
        )


def _end(ip: str, port: int, packets: int, size: int) -> dict[str, Any]:
    return {"ip": ip, "port": port or None, "packets": packets, "bytes": size}
