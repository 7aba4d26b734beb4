# SPDX-License-Identifier: Apache-2.0
"""Captures made for a test: frames built by scapy, written to a file, and read as the product reads it."""

import contextlib
import gc
import struct
import tracemalloc
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # scapy announces algorithms that cryptography will drop
    from scapy.layers.dns import DNS, DNSQR, DNSRR
    from scapy.layers.inet import ICMP, IP, TCP, UDP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import ARP, LLC, SNAP, STP, Dot1Q, Dot3, Ether

from giamsat_agent.packets.chunk import Chunk
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.headers import decode
from giamsat_agent.packets.reading import read
from giamsat_agent.packets.sources.captures import opened
from support.plain_frames import plain

__all__ = [
    "ARP",
    "DNS",
    "DNSQR",
    "DNSRR",
    "ICMP",
    "IP",
    "LLC",
    "SNAP",
    "STP",
    "TCP",
    "UDP",
    "Dot1Q",
    "Dot3",
    "Ether",
    "IPv6",
]

START = 1_800_000_000
ATTACKER, VICTIM, CLIENT, SERVER = "203.0.113.9", "198.51.100.7", "10.0.0.5", "192.0.2.80"


def frame(*layers):
    """The bytes of a frame; layers below IP are added."""
    written = plain(*layers) if len(layers) in {2, 3} else None
    return written or by_scapy(*layers)


def by_scapy(*layers):
    """The same, each of them written by scapy."""
    stack = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    for layer in layers:
        # As `stack / layer` does it, which copies all that is stacked already as well.
        stack.add_payload(layer if isinstance(layer, bytes) else layer.copy())
    for part in stack.iterpayloads():
        part.explicit = 1  # one value in each field: nothing to go through, for which scapy would copy all of it again
    return bytes(stack)


def pcap(path, frames, *, link_type=1, order="<", magic=0xA1B2C3D4, snap=None):
    """Write (seconds after START, bytes) as a classic capture; `snap` cuts each frame."""
    unit = 1_000_000_000 if magic == 0xA1B23C4D else 1_000_000
    out = bytearray(struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 262_144, link_type))
    for after, raw in frames:
        at = START + after
        kept = raw[:snap]
        out += struct.pack(f"{order}IIII", int(at), round(at % 1 * unit) % unit, len(kept), len(raw)) + kept
    path.write_bytes(out)
    return path


def pcapng(path, frames, *, order="<", interfaces=((1, 6),)):
    """Write (seconds after START, bytes, interface) as a capture of several interfaces: (link type, decimal places)."""

    def block(kind, body):
        body += bytes(-len(body) % 4)
        length = len(body) + 12
        return struct.pack(f"{order}II", kind, length) + body + struct.pack(f"{order}I", length)

    out = bytearray(block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1)))
    for link_type, places in interfaces:
        option = struct.pack(f"{order}HHB3xHH", 9, 1, places, 0, 0)
        out += block(1, struct.pack(f"{order}HHI", link_type, 0, 0) + option)
    for after, raw, number in frames:
        units = 10 ** interfaces[number][1]
        ticks = START * units + round(after * units)
        head = struct.pack(f"{order}IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(raw), len(raw))
        out += block(6, head + raw)
    path.write_bytes(out)
    return path


def found(path):
    """The anomalies of a capture file."""
    with opened(path) as source:
        return read(source, lambda frames: None).anomalies


def breaches(path):
    """What a policy may forbid in a capture file; nothing else is in it."""
    with opened(path) as source:
        findings = read(source, lambda frames: None)
    assert findings.anomalies == ()
    return findings.breaches


def classes(path):
    """The classes of what was found, with the offender."""
    return {(one.name, one.source_ip) for one in found(path)}


def batches(path, at_once):
    """The frames of a capture file, decoded so many at a time."""
    addresses = Addresses()
    with opened(path) as source:
        for chunk in source.chunks():
            for start in range(0, len(chunk.offsets), at_once):
                part = slice(start, start + at_once)
                yield decode(
                    Chunk(
                        chunk.data,
                        chunk.offsets[part],
                        chunk.lengths[part],
                        chunk.times_ns[part],
                        chunk.link_type,
                        chunk.first + start,
                    ),
                    addresses,
                )


def _seen_by(detector, path):
    for batch in batches(path, 4_096):
        for _ in detector.take(batch):
            pass


def retained(build, path):
    """The bytes a detector holds once it has seen a capture."""
    _seen_by(build(), path)  # what is imported, made on first use or remembered for all is not the detector's
    gc.collect()
    tracemalloc.start()
    try:
        detector = build()
        _seen_by(detector, path)
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert detector
    return size


@contextlib.contextmanager
def source(path):
    """A capture as a source of chunks."""
    with opened(path) as opened_:
        yield opened_


def connection(client, server, port, after, *, sport=40_000, data=(), closed=True):
    """A whole TCP connection as both ends speak it; `data` is (from the client?, bytes)."""
    up, down = IP(src=client, dst=server), IP(src=server, dst=client)
    there, back = {"sport": sport, "dport": port}, {"sport": port, "dport": sport}
    frames = [
        frame(up, TCP(**there, flags="S")),
        frame(down, TCP(**back, flags="SA")),
        frame(up, TCP(**there, flags="A")),
    ]
    frames += [frame(up if out else down, TCP(**(there if out else back), flags="PA"), raw) for out, raw in data]
    if closed:
        frames += [frame(up, TCP(**there, flags="FA")), frame(down, TCP(**back, flags="FA"))]
    return [(after + number * 0.001, raw) for number, raw in enumerate(frames)]
