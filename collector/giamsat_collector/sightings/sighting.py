# SPDX-License-Identifier: Apache-2.0
"""What an event says of a host that was seen. The event comes from a network and is as hostile as the network.

Pure: events and times in, values out.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from giamsat_collector.errors import RefusedError
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.flow import address
from giamsat_wire.record import Event, FieldValue, Sample

KIND: Final = "host-sighted"
FIELDS: Final = ("giamsat.sighting.segment", "source.mac")
"""What tells one host of a sensor's networks from another."""
INFO: Final = "node_network_info"
PHYSICAL: Final = "ifPhysAddress"
ADDRESSES: Final = 16
SERVICES: Final = 64
TEXT: Final = 64
MAC: Final = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_SERVICE: Final = re.compile(r"(tcp|udp)/[0-9]{1,5}")
_SEGMENT: Final = re.compile(r"[!-~]{1,80}")
_NO_ADDRESS: Final = "00:00:00:00:00:00"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A host of a network as its own packets show it; what was not seen is empty. Times are UNIX nanoseconds."""

    asset: str
    segment: str
    mac: str
    addresses: tuple[str, ...]
    name: str
    vendor_class: str
    services: tuple[str, ...]
    first_ns: int
    last_ns: int


def told(asset: str, event: Event, at_ns: int) -> Sighting:
    """The sighting an event of an asset tells, which happened at `at_ns` by the collector's clock.

    Raises:
        RefusedError: it is not what such an event should be.
    """
    fields = event.fields
    mac, segment = fields.get("source.mac"), fields.get("giamsat.sighting.segment")
    if not isinstance(mac, str) or not MAC.fullmatch(mac):
        raise RefusedError("a sighting without an Ethernet address")
    if not isinstance(segment, str) or not _SEGMENT.fullmatch(segment):
        raise RefusedError("a sighting that names no segment")
    last_ns = at_ns - _seconds(fields, "ago_seconds")
    return Sighting(
        asset=asset,
        segment=segment,
        mac=mac,
        addresses=tuple(one for one in _texts(fields, "addresses")[:ADDRESSES] if _is_address(one)),
        name=_text(fields.get("source.domain")),
        vendor_class=_text(fields.get("giamsat.sighting.vendor_class")),
        services=tuple(one for one in _texts(fields, "services")[:SERVICES] if _SERVICE.fullmatch(one)),
        first_ns=max(last_ns - _seconds(fields, "seconds"), 0),
        last_ns=last_ns,
    )


def borne(samples: tuple[Sample, ...]) -> Iterator[tuple[str, str]]:
    """The Ethernet addresses that the samples of an agent name, each with the device that bears it; empty: its own."""
    for sample in samples:
        if sample.name not in {INFO, PHYSICAL}:
            continue
        labels = dict(sample.labels)
        own = sample.name == INFO
        mac = labels.get("address" if own else PHYSICAL, "").lower()
        if MAC.fullmatch(mac) and mac != _NO_ADDRESS:
            yield mac, "" if own else labels.get("device", "")[:TEXT]


def _seconds(fields: Mapping[str, FieldValue], name: str) -> int:
    value = fields.get(f"giamsat.sighting.{name}", 0)
    if not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return min(max(int(value), 0), 10 * 366 * 86_400) * SECOND_NS


def _texts(fields: Mapping[str, FieldValue], name: str) -> tuple[str, ...]:
    value = fields.get(f"giamsat.sighting.{name}", ())
    return value if isinstance(value, tuple) else ()


def _text(value: FieldValue | None) -> str:
    """Plain text of a bounded length; anything else is left out of it."""
    return "".join(letter for letter in str(value or "") if letter.isprintable())[:TEXT]


def _is_address(text: str) -> bool:
    try:
        address(text)
    except ValueError:
        return False
    return True
