# SPDX-License-Identifier: Apache-2.0
"""What happened to a device between two polls: gone, back, restarted, an interface down or up, other firmware.

Pure: what was polled in, events out. An interface is known by its name, which outlives its ifIndex (RFC 2863, ifName).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent import ecs
from giamsat_agent.devices.poll import Polled
from giamsat_wire.record import Event, FieldValue

MISSED: Final = 2
"""Polls in a row that must fail before a device counts as unreachable: one datagram may be lost."""
TICKS: Final = 1 << 32
"""sysUpTime counts hundredths of a second and begins anew after 497 days (RFC 3418)."""
WRAP_TICKS: Final = 8_640_000
"""A day before that, a smaller value is the counter's own beginning and no restart."""
UP, DOWN, LOWER_LAYER_DOWN = 1, 2, 7
"""ifAdminStatus and ifOperStatus of RFC 2863."""


@dataclass(slots=True)
class Changes:
    """What is known of one device."""

    name: str
    _missed: int = 0
    _unreachable: bool = False
    _last: Polled | None = None
    _up: dict[str, bool] = field(default_factory=dict)

    def failed(self, reason: str, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        """A poll brought nothing."""
        self._missed += 1
        if self._missed == MISSED and not self._unreachable:
            self._unreachable = True
            fields = {"event.outcome": "failure", "event.reason": reason}
            yield self._event("device-unreachable", fields, wall_ns=wall_ns, mono_ns=mono_ns)

    def polled(self, found: Polled, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        """A poll brought this."""
        self._missed = 0
        before, self._last = self._last, found
        told: list[tuple[str, Mapping[str, FieldValue]]] = []
        if self._unreachable:
            self._unreachable = False
            told.append(("device-reachable", {"event.outcome": "success"}))
        if before is not None:
            told += _restarted(before, found)
            told += _replaced(before, found)
        told += self._interfaces(found)
        for kind, fields in told:
            yield self._event(kind, fields, wall_ns=wall_ns, mono_ns=mono_ns)

    def _interfaces(self, found: Polled) -> Iterator[tuple[str, Mapping[str, FieldValue]]]:
        wanted = {name: value == UP for name, value in _by_interface(found, "ifAdminStatus").items()}
        for name, status in _by_interface(found, "ifOperStatus").items():
            if not wanted.get(name, False):
                self._up.pop(name, None)
                continue
            if status not in {UP, DOWN, LOWER_LAYER_DOWN}:
                continue
            up, before = status == UP, self._up.get(name)
            self._up[name] = up
            if before is not None and before != up:
                fields = {
                    "event.outcome": "success" if up else "failure",
                    "observer.ingress.interface.name": name,
                }
                yield "device-interface-changed", fields

    def _event(self, kind: str, fields: Mapping[str, FieldValue], *, wall_ns: int, mono_ns: int) -> Event:
        told: dict[str, FieldValue] = {"event.provider": "snmp", "observer.name": self.name, **fields}
        if self._last is not None:
            known = {
                "observer.vendor": self._last.vendor,
                "observer.product": self._last.hardware,
                "observer.os.version": self._last.version,
                "observer.serial_number": self._last.serial,
            }
            told.update({name: text for name, text in known.items() if text})
        return ecs.event(kind, wall_ns=wall_ns, mono_ns=mono_ns, fields=told)


def _restarted(before: Polled, after: Polled) -> Iterator[tuple[str, Mapping[str, FieldValue]]]:
    was, now = before.uptime, after.uptime
    if was is not None and now is not None and now < was < TICKS - WRAP_TICKS:
        yield "device-restarted", {"event.outcome": "success", "giamsat.device.uptime_s": int(now // 100)}


def _replaced(before: Polled, after: Polled) -> Iterator[tuple[str, Mapping[str, FieldValue]]]:
    for what, was, now in (
        ("version", before.version, after.version),
        ("serial", before.serial, after.serial),
        ("hardware", before.hardware, after.hardware),
    ):
        if was and now and was != now:
            fields = {"event.reason": f"{what}: {was} → {now}", "giamsat.device.changed": what}
            yield "configuration-changed", fields


def _by_interface(found: Polled, name: str) -> dict[str, float]:
    values: dict[str, float] = {}
    for metric in found.metrics:
        if metric.name == name:
            labels = dict(metric.labels)
            values[labels.get("ifName") or labels.get("ifDescr") or labels["ifIndex"]] = metric.value
    return values
