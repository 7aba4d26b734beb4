# SPDX-License-Identifier: Apache-2.0
"""Who talked with whom: frames summed up by their ends, ports and protocol, both directions together.

The table is bounded: when there are too many flows, a small one of those not heard of for longest is added to the rest,
so sums always hold. Flows are told apart by a keyed hash, so nobody can choose two that are taken for one.
"""

import heapq
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

import numpy as np

from giamsat_agent.packets.addresses import Addresses
from giamsat_agent.packets.batch import ACK, ICMP, ICMP6, NOT_IP, SYN, TCP, UDP, UNKNOWN, Batch
from giamsat_agent.packets.chunk import Chunk, Numbers
from giamsat_agent.packets.detector import mix
from giamsat_agent.packets.headers import decode

FLOWS: Final = 65_536
LOOKED_AT: Final = 8
"""Of so many that were not heard of for longest the smallest goes: a scan does not push out a long download."""
TRANSPORTS: Final = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ICMP6: "ipv6-icmp"}
"""ECS network.transport; another protocol is told by its number (IANA)."""
FLAGS: Final = "FSRPAU"
_NS: Final = 1_000_000_000


@dataclass(slots=True)
class Flow:
    """Frames between two ends. `source` began it, as far as can be told; bytes are those of the IP packets.

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
                "start": _instant(self.first_ns),
                "end": _instant(self.last_ns),
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
    """The flows of one stream of frames."""

    def __init__(self, most: int = FLOWS) -> None:
        self._most = most
        self._flows: OrderedDict[int, Flow] = OrderedDict()
        self._rest = Rest()
        self._addresses = Addresses()

    def take(self, chunk: Chunk) -> None:
        """Sum up the next frames."""
        batch = decode(chunk, self._addresses)
        ip = np.flatnonzero(batch.protocol != NOT_IP)
        self._rest.other += len(batch.protocol) - len(ip)
        if not len(ip):
            return
        ports = np.isin(batch.protocol[ip], (TCP, UDP))
        near = batch.source_port[ip] * ports
        far = batch.destination_port[ip] * ports
        ahead = _ahead(batch, ip, near, far)
        ends = [np.where(ahead, one, other) for one, other in ((near, far), (far, near))]
        source, destination = batch.source[ip], batch.destination[ip]
        keys = mix(
            np.where(ahead, source, destination),
            np.where(ahead, destination, source),
            ends[0].astype(np.int64),
            ends[1].astype(np.int64),
            batch.protocol[ip],
        )
        _, first, group = np.unique(keys, return_index=True, return_inverse=True)
        parts = list(_summed(batch, ip, group, ahead, first))
        for number in np.argsort(first).tolist():
            self._add(int(keys[first[number]]), parts[number])

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

    def _add(self, key: int, part: "_Part") -> None:
        flow = self._flows.get(key)
        if flow is None:
            flow = self._flows[key] = part.begun(self._addresses)
            if len(self._flows) > self._most:
                oldest = islice(self._flows, LOOKED_AT)
                self._rest.add(self._flows.pop(min(oldest, key=lambda one: self._flows[one].size)))
        self._flows.move_to_end(key)
        part.join(flow, self._addresses)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one chunk adds to a flow; [0] is from `source`, the sender of the flow's first frame here, [1] the rest."""

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
    begins: bool

    def begun(self, addresses: Addresses) -> Flow:
        """A flow without frames; an answer to an opening that was not seen is turned round."""
        near = (addresses.text(self.source), self.source_port)
        far = (addresses.text(self.destination), self.destination_port)
        one, other = (near, far) if self.begins else (far, near)
        return Flow(one[0], other[0], one[1], other[1], self.protocol, self.first_ns, self.last_ns)

    def join(self, flow: Flow, addresses: Addresses) -> None:
        """Count the frames in."""
        same = (flow.source, flow.source_port) == (addresses.text(self.source), self.source_port)
        sent, received = (0, 1) if same else (1, 0)
        flow.sent_packets += self.packets[sent]
        flow.sent_bytes += self.size[sent]
        flow.received_packets += self.packets[received]
        flow.received_bytes += self.size[received]
        flow.first_ns, flow.last_ns = min(flow.first_ns, self.first_ns), max(flow.last_ns, self.last_ns)
        flow.flags |= self.flags


def _ahead(batch: Batch, ip: Numbers, near: Numbers, far: Numbers) -> Any:  # noqa: ANN401 - a mask
    """Whether a frame goes from the smaller end to the greater one: so both directions have one key."""
    source, destination = batch.source[ip], batch.destination[ip]
    return (source < destination) | ((source == destination) & (near <= far))


def _summed(batch: Batch, ip: Numbers, group: Numbers, ahead: Any, first: Numbers) -> Iterator[_Part]:  # noqa: ANN401
    count = len(first)
    same = ahead == ahead[first][group]
    size, time_ns = batch.size[ip], batch.time_ns[ip]
    flags = np.where(batch.flags[ip] == UNKNOWN, 0, batch.flags[ip])
    packets = [np.bincount(group[chosen], minlength=count).tolist() for chosen in (same, ~same)]
    sizes = [
        np.bincount(group[chosen], weights=size[chosen], minlength=count).astype(np.int64).tolist()
        for chosen in (same, ~same)
    ]
    seen = np.zeros(count, np.int64)
    np.bitwise_or.at(seen, group, flags)
    begin, end = np.full(count, np.iinfo(np.int64).max), np.zeros(count, np.int64)
    np.minimum.at(begin, group, time_ns)
    np.maximum.at(end, group, time_ns)
    for number, at in enumerate(first.tolist()):
        place = int(ip[at])
        protocol = int(batch.protocol[place])
        has_ports = protocol in {TCP, UDP}
        yield _Part(
            source=int(batch.source[place]),
            destination=int(batch.destination[place]),
            source_port=int(batch.source_port[place]) if has_ports else 0,
            destination_port=int(batch.destination_port[place]) if has_ports else 0,
            protocol=protocol,
            first_ns=int(begin[number]),
            last_ns=int(end[number]),
            packets=(packets[0][number], packets[1][number]),
            size=(sizes[0][number], sizes[1][number]),
            flags=int(seen[number]),
            begins=protocol != TCP or int(flags[at]) & (SYN | ACK) != SYN | ACK,
        )


def _end(ip: str, port: int, packets: int, size: int) -> dict[str, Any]:
    return {"ip": ip, "port": port or None, "packets": packets, "bytes": size}


def _instant(at_ns: int) -> str:
    seconds, nanos = divmod(at_ns, _NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos // 1000:06d}Z"
