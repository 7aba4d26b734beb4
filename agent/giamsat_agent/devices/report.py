# SPDX-License-Identifier: Apache-2.0
"""What the process that asks devices tells the agent, at most MESSAGE_BYTES a message.

It reads what devices answer, so what it says is taken as hostile too: every text and number is bounded here, and it
may tell of devices and of nothing else. Its lane is the one the catalogue gives to each of these kinds.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from giamsat_agent.errors import AgentError
from giamsat_wire import limits
from giamsat_wire.record import Event, Sample

MESSAGE_BYTES: Final = 128 << 10
SAMPLES_AT_ONCE: Final = 500
PROBLEMS: Final = 600
KINDS: Final = frozenset(
    {
        *("configuration-changed", "device-ha-changed", "device-interface-changed", "device-reachable"),
        *("device-restarted", "device-unreachable", "intrusion-detected", "malware-detected", "snmp-notification"),
        *("ups-on-battery", "user-login", "vpn-connected", "vpn-disconnected"),
    }
)
PROVIDERS: Final = frozenset({"snmp", "snmptrap"})
"""What `event.provider` may say: nothing that the agent finds by itself can be claimed."""
NOTIFICATIONS: Final = "giamsat_agent_snmp_notifications_total"
OWN: Final = ("giamsat_", "node_")
"""Metrics that begin so tell of the host or the agent."""
Name = Annotated[str, Meta(max_length=limits.NAME_CHARACTERS)]
Label = Annotated[str, Meta(max_length=limits.LABEL_CHARACTERS)]
Text = Annotated[str, Meta(max_length=limits.TEXT_CHARACTERS)]
Texts = Annotated[tuple[Text, ...], Meta(max_length=limits.TEXTS_PER_FIELD)]
Number = Annotated[int, Meta(ge=-(1 << 62), le=1 << 62)]
Nanoseconds = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
Row: TypeAlias = tuple[
    Name, float, Annotated[tuple[tuple[Name, Label], ...], Meta(max_length=limits.LABELS_PER_SERIES)]
]


class ToldError(AgentError):
    """A message is not one of these, or tells of what is none of its business."""


class Happened(msgspec.Struct, frozen=True, tag="happened", forbid_unknown_fields=True):
    """One event."""

    kind: Name
    wall_ns: Nanoseconds
    mono_ns: Nanoseconds
    fields: Annotated[dict[Name, Text | Number | float | bool | Texts], Meta(max_length=limits.FIELDS_PER_EVENT)]


class Measured(msgspec.Struct, frozen=True, tag="measured", forbid_unknown_fields=True):
    """Part of all there is to measure now; with the `last` part also what cannot be read, and why.

    `untold` is how many events were let go of while the agent was away.
    """

    rows: Annotated[tuple[Row, ...], Meta(max_length=SAMPLES_AT_ONCE)]
    last: bool
    problems: Annotated[dict[Label, Text], Meta(max_length=PROBLEMS)] = {}
    untold: Nanoseconds = 0


Message: TypeAlias = Happened | Measured


def happened(event: Event) -> bytes:
    """An event as a message."""
    return msgspec.msgpack.encode(Happened(event.kind, event.wall_ns, event.mono_ns, dict(event.fields)))


def measured(samples: Iterable[Sample], problems: Mapping[str, str], untold: int) -> Iterator[bytes]:
    """Everything there is to measure now, as messages."""
    rows, told = iter(samples), dict(islice(problems.items(), PROBLEMS))
    while True:
        some = tuple((one.name, one.value, one.labels) for one in islice(rows, SAMPLES_AT_ONCE))
        last = len(some) < SAMPLES_AT_ONCE
        yield msgspec.msgpack.encode(Measured(some, last, told if last else {}, untold))
        if last:
            return


def decode(message: bytes) -> Message:
    """Understand a message.

    Raises:
        ToldError: it is none, or tells of what no device can tell of.
    """
    try:
        found: Message = msgspec.msgpack.decode(message, type=Message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ToldError(f"not a message of the process that asks devices: {error}") from error
    if isinstance(found, Happened):
        its = found.fields
        if (
            found.kind not in KINDS
            or its.get("event.provider") not in PROVIDERS
            or its.get("event.action") != found.kind
        ):
            raise ToldError(f"an event of the kind {found.kind} is not a device's")
    elif wrong := next((name for name, *_ in found.rows if name.startswith(OWN) and name != NOTIFICATIONS), ""):
        raise ToldError(f"{wrong} is not a device's figure")
    return found
