# SPDX-License-Identifier: Apache-2.0
"""How full an interface was between two polls, and how many of its packets had errors.

The time is the device's own (sysUpTime), so that a late answer makes no peak. Counters of 32 bits may have begun anew
once (RFC 2863, section 3.1.6); a restarted device has no figures until the next poll.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from giamsat_agent.devices.poll import Polled
from giamsat_wire.record import Labels, Sample

COUNTER32: Final = 1 << 32
LEAST_TICKS: Final = 100
"""Hundredths of a second between polls that say anything."""
WAYS: Final = {
    "in": ("ifHCInOctets", "ifInOctets", "ifHCInUcastPkts", "ifInUcastPkts", "ifInErrors"),
    "out": ("ifHCOutOctets", "ifOutOctets", "ifHCOutUcastPkts", "ifOutUcastPkts", "ifOutErrors"),
}
LEAST_PACKETS: Final = 100
"""Packets with and without an error below which a share of errors says nothing."""
Series = Mapping[str, Mapping[Labels, float]]


def loads(before: Polled, after: Polled) -> Iterator[Sample]:
    """Per cent of an interface's speed, and per cent of its packets that had errors, each way."""
    was, now = before.uptime, after.uptime
    if was is None or now is None or now - was < LEAST_TICKS:
        return
    seconds = (now - was) / 100
    old, new = _series(before), _series(after)
    for labels, status in new.get("ifOperStatus", {}).items():
        if status != 1:
            continue
        speed = new.get("ifHighSpeed", {}).get(labels, 0) * 1e6 or new.get("ifSpeed", {}).get(labels, 0)
        for way, (wide, narrow, wide_packets, narrow_packets, errors) in WAYS.items():
            told = tuple(sorted((*labels, ("direction", way))))
            octets = _grown(old, new, labels, wide, narrow)
            if octets is not None and speed > 0:
                yield Sample("snmp_interface_load_percent", round(octets * 800 / seconds / speed, 2), told)
            good, bad = _grown(old, new, labels, wide_packets, narrow_packets), _grown(old, new, labels, "", errors)
            if good is not None and bad is not None and good + bad >= LEAST_PACKETS:
                yield Sample("snmp_interface_error_percent", round(bad * 100 / (good + bad), 4), told)


def _series(found: Polled) -> Series:
    series: dict[str, dict[Labels, float]] = {}
    for metric in found.metrics:
        if metric.name.startswith("if"):
            series.setdefault(metric.name, {})[metric.labels] = metric.value
    return series


def _grown(old: Series, new: Series, labels: Labels, wide: str, narrow: str) -> float | None:
    """By how much a counter grew: of the two the one of 64 bits where the device has it."""
    for name in (wide, narrow):
        was, now = old.get(name, {}).get(labels), new.get(name, {}).get(labels)
        if was is not None and now is not None:
            if now >= was:
                return now - was
            return now - was + COUNTER32 if name == narrow else None
    return None
