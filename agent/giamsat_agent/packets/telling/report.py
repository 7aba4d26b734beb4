# SPDX-License-Identifier: Apache-2.0
"""What the capture process tells the agent, one JSON object a message, at most MESSAGE_BYTES long.

The capture process reads hostile bytes, so what it says is taken as hostile too: every text and number is bounded here.
"""

from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from giamsat_agent.errors import AgentError
from giamsat_agent.packets.anomaly import FRAMES, TARGETS, Anomaly, Kind
from giamsat_wire import flow

MESSAGE_BYTES: Final = 128 << 10
PCAP_BYTES: Final = 64 << 10
FLOW_LINES: Final = 600
"""Flows of one minute that are told one by one: with JSON around them they fit into a message."""
Name = Annotated[str, Meta(max_length=64)]
Text = Annotated[str, Meta(max_length=512)]
FlowLine = Annotated[str, Meta(max_length=flow.LINE)]
Address = Annotated[str, Meta(max_length=45)]
Service = Annotated[str, Meta(max_length=16)]
Line = Annotated[str, Meta(max_length=300)]
Count = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]


class ReportError(AgentError):
    """A message is not one of these."""


class Found(msgspec.Struct, frozen=True, tag="found", forbid_unknown_fields=True):
    """An anomaly, or what a policy may forbid. `targets` are the first, (address, port); times are UNIX nanoseconds.

    `evidence` is the id of the capture that shows it, empty when there is none; `about` are further ECS fields.
    """

    interface: Name
    name: Name
    severity: Name
    words: tuple[Text, Text]
    source_ip: Name
    source_mac: Name
    first_ns: Count
    last_ns: Count
    targets: Annotated[tuple[tuple[Name, Count], ...], Meta(max_length=TARGETS)]
    counts: Annotated[dict[Name, Count], Meta(max_length=16)]
    evidence: Name = ""
    kind: Kind = Kind.ANOMALY
    about: Annotated[dict[Name, Text], Meta(max_length=8)] = {}


class Counted(msgspec.Struct, frozen=True, tag="counted", forbid_unknown_fields=True):
    """Frames since an interface was opened: seen and dropped by the kernel's count; what detectors let go of.

    `unshown` are the anomalies that were told without evidence, `passed` frames that nobody looked at; `faults` is how
    often a detector failed, `untold` the reports that were let go of while the agent was away.
    """

    interface: Name
    seen: Count
    dropped: Count
    evicted: Count
    unshown: Count = 0
    passed: Count = 0
    faults: Count = 0
    untold: Count = 0


class Sight(msgspec.Struct, frozen=True, tag="sight", forbid_unknown_fields=True):
    """An interface is watched, one second of `every`, or is not; `reason` says why not, or not wholly."""

    interface: Name
    watched: bool
    reason: Text = ""
    every: Annotated[int, Meta(ge=1, le=64)] = 1


class Evidence(msgspec.Struct, frozen=True, tag="evidence", forbid_unknown_fields=True):
    """A small capture of what showed an anomaly, and a line about each of its frames where they were dissected."""

    interface: Name
    id: Name
    name: Name
    pcap: Annotated[bytes, Meta(max_length=PCAP_BYTES)]
    lines: Annotated[tuple[Line, ...], Meta(max_length=FRAMES)] = ()


class Sighted(msgspec.Struct, frozen=True, tag="sighted", forbid_unknown_fields=True):
    """A host of the interface's own networks, as it is known now; what was not seen is empty.

    `vlan` is 0 without one; `services` are like tcp/22; times are UNIX nanoseconds of the capture. `vendor_class` is
    what it calls its system itself when it asks for an address. `fresh`: it was not told before.
    """

    interface: Name
    mac: Annotated[str, Meta(pattern="^([0-9a-f]{2}:){5}[0-9a-f]{2}$")]
    vlan: Annotated[int, Meta(ge=0, le=4095)]
    addresses: Annotated[tuple[Address, ...], Meta(max_length=16)]
    name: Name
    vendor_class: Name
    services: Annotated[tuple[Service, ...], Meta(max_length=64)]
    first_ns: Count
    last_ns: Count
    fresh: bool


class FlowMinute(msgspec.Struct, frozen=True, tag="flows", forbid_unknown_fields=True):
    """Who talked with whom on an interface from `start_ns` to `end_ns` (UNIX nanoseconds).

    `lines` are flows as giamsat_wire.flow writes them, those with the most bytes first; the rest are sums of others.
    """

    interface: Name
    start_ns: Count
    end_ns: Count
    lines: Annotated[tuple[FlowLine, ...], Meta(max_length=FLOW_LINES)]
    rest_flows: Count
    rest_packets: Count
    rest_bytes: Count
    not_ip: Count


Report: TypeAlias = Found | Counted | Sight | Evidence | Sighted | FlowMinute

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final[msgspec.json.Decoder[Report]] = msgspec.json.Decoder(Report)


def found(interface: str, anomaly: Anomaly, *, evidence: str = "") -> Found:
    """An anomaly as it is told; texts that are too long are cut."""
    return Found(
        interface=interface,
        name=anomaly.name,
        severity=anomaly.severity.value,
        words=(anomaly.words[0][:512], anomaly.words[1][:512]),
        source_ip=anomaly.source_ip,
        source_mac=anomaly.source_mac,
        first_ns=anomaly.first_ns,
        last_ns=anomaly.last_ns,
        targets=tuple((target.ip, target.port) for target in anomaly.targets[:TARGETS]),
        counts=anomaly.totals,
        evidence=evidence,
        kind=anomaly.kind,
        about={name: value[:512] for name, value in anomaly.about.items() if value},
    )


def encode(report: Report) -> bytes:
    """A report as a message."""
    return _ENCODER.encode(report)


def decode(message: bytes) -> Report:
    """A message as a report.

    Raises:
        ReportError: it is none.
    """
    try:
        return _DECODER.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(f"a message of the capture process is refused: {error}") from error
