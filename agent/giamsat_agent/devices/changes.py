# SPDX-License-Identifier: Apache-2.0
"""What happened to a device between two polls, as events.

Gone, back, restarted; an interface down or up; other firmware; its configuration or an interface's switch changed; its
role in a cluster; the mains of a power supply.

Pure: what was polled in, events out. An interface is known by its name, which outlives its ifIndex (RFC 2863, ifName).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent import ecs
from giamsat_agent.devices.poll import Polled
from giamsat_agent.devices.ports import Arrival
from giamsat_wire.record import Event, FieldValue

MISSED: Final = 2
"""Polls in a row that must fail before a device counts as unreachable: one datagram may be lost."""
TICKS: Final = 1 << 32
"""sysUpTime counts hundredths of a second and begins anew after 497 days (RFC 3418)."""
WRAP_TICKS: Final = 8_640_000
"""A day before that, a smaller value is the counter's own beginning and no restart."""
TOLD: Final = 8
"""Interfaces or devices that one event names."""
HOSTS: Final = 256
"""Hosts that one event names."""
INTERFACES: Final = 4_096
"""Interfaces of one device that are remembered although a poll does not show them."""
UP, DOWN, LOWER_LAYER_DOWN = 1, 2, 7
"""ifAdminStatus and ifOperStatus of RFC 2863."""


@dataclass(slots=True)
class Changes:
    """What is known of one device.

    What it is at first is told too: nobody knows what was told of it before the agent was started.
    """

    name: str
    _missed: int = 0
    _reachable: bool | None = None
    _last: Polled | None = None
    _up: dict[str, bool] = field(default_factory=dict)
    _on_battery: bool | None = None

    def failed(
        self, reason: str, *, behind: Sequence[str] = (), hosts: Sequence[str] = (), wall_ns: int, mono_ns: int
    ) -> Iterator[Event]:
        """A poll brought nothing; `behind` and `hosts` are the devices and hosts that are reached through this one."""
        self._missed += 1
        if self._missed == MISSED and self._reachable is not False:
            self._reachable = False
            fields: dict[str, FieldValue] = {"event.outcome": "failure", "event.reason": reason}
            if behind:
                more = f" and {len(behind) - TOLD} more" if len(behind) > TOLD else ""
                fields["giamsat.device.behind"] = ", ".join(behind[:TOLD]) + more
            if hosts:
                fields["giamsat.device.hosts"] = tuple(hosts[:HOSTS])
            yield self._event("device-unreachable", fields, wall_ns=wall_ns, mono_ns=mono_ns)

    def polled(self, found: Polled, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        """A poll brought this."""
        self._missed = 0
        before, self._last = self._last, found
        told: list[tuple[str, Mapping[str, FieldValue]]] = []
        if not self._reachable:
            self._reachable = True
            told.append(("device-reachable", {"event.outcome": "success"}))
        if before is not None:
            told += _restarted(before, found)
            told += _replaced(before, found)
            told += _configured(before, found)
            told += _switched(before, found)
            told += _roles(before, found)
        told += self._power(found)
        told += self._interfaces(found)
        for kind, fields in told:
            yield self._event(kind, fields, wall_ns=wall_ns, mono_ns=mono_ns)

    def arrived(self, found: Sequence[Arrival], *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        """Addresses came where they never were; beyond TOLD only how many is told."""
        for one in found[:TOLD]:
            where = f"{one.mac} on {one.port}" + (f", before on {one.before}" if one.before else "")
            fields: dict[str, FieldValue] = {
                "event.reason": f"mac: {where}",
                "giamsat.device.changed": "mac",
                "observer.ingress.interface.name": one.port,
                "source.mac": one.mac,
            }
            yield self._event("configuration-changed", fields, wall_ns=wall_ns, mono_ns=mono_ns)
        if more := len(found) - TOLD if len(found) > TOLD else 0:
            fields = {"event.reason": f"mac: {more} more on other ports", "giamsat.device.changed": "mac"}
            yield self._event("configuration-changed", fields, wall_ns=wall_ns, mono_ns=mono_ns)

    def _interfaces(self, found: Polled) -> Iterator[tuple[str, Mapping[str, FieldValue]]]:
        """One that fell stays so until it is up, although somebody switched it off and on meanwhile."""
        wanted = {name: value == UP for name, value in _by_interface(found, "ifAdminStatus").items()}
        states = _by_interface(found, "ifOperStatus")
        for name, status in states.items():
            if not wanted.get(name, False):
                if self._up.get(name):
                    del self._up[name]
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
        if len(self._up) > INTERFACES:
            self._up = {name: up for name, up in self._up.items() if name in states}

    def _power(self, found: Polled) -> Iterator[tuple[str, Mapping[str, FieldValue]]]:
        sources = [metric.value for metric in found.metrics if metric.name == "snmp_ups_on_battery"]
        if sources and (now := any(sources)) != self._on_battery:
            self._on_battery = now
            yield "ups-on-battery", {"event.outcome": "failure" if now else "success"}

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


def _configured(before: Polled, after: Polled) -> Iterator[tuple[str, Mapping[str, FieldValue]]]:
    """The running configuration: devices say at which uptime they last changed it, which begins anew at a restart."""
    was, now = _states(before, "snmp_configuration_changed"), _states(after, "snmp_configuration_changed")
    changed = [name for name in now if name in was and now[name] != was[name]]
    if changed and (after.uptime or 0) >= (before.uptime or 0):
        fields = {"event.reason": f"running configuration: {changed[0]}", "giamsat.device.changed": "configuration"}
        yield "configuration-changed", fields


def _switched(before: Polled, after: Polled) -> Iterator[tuple[str, Mapping[str, FieldValue]]]:
    """Interfaces that somebody switched on or off: one event, however many they are."""
    was, now = _by_interface(before, "ifAdminStatus"), _by_interface(after, "ifAdminStatus")
    changed = [name for name, wanted in now.items() if was.get(name, wanted) != wanted]
    if changed:
        told = [f"{name} {'on' if now[name] == UP else 'off'}" for name in changed[:TOLD]]
        more = f" and {len(changed) - TOLD} more" if len(changed) > TOLD else ""
        fields: dict[str, FieldValue] = {
            "event.reason": f"interface: {', '.join(told)}{more}",
            "giamsat.device.changed": "interface",
        }
        if len(changed) == 1:
            fields["observer.ingress.interface.name"] = changed[0]
        yield "configuration-changed", fields


def _roles(before: Polled, after: Polled) -> Iterator[tuple[str, Mapping[str, FieldValue]]]:
    was, now = _states(before, "snmp_ha_state"), _states(after, "snmp_ha_state")
    for name, state in now.items():
        if name in was and was[name] != state:
            yield "device-ha-changed", {"event.reason": f"{name}: {was[name]} → {state}"}
            return


def _states(found: Polled, shared: str) -> dict[str, str]:
    """What each object of a shared name says: its state in words, or its number."""
    states: dict[str, str] = {}
    for metric in found.metrics:
        if metric.name == shared:
            labels = dict(metric.labels)
            state = labels.pop("state", f"{metric.value:g}")
            labels.pop("device", None)
            states[" ".join((labels.pop("object"), *labels.values()))] = state
    return states


def _by_interface(found: Polled, name: str) -> dict[str, float]:
    values: dict[str, float] = {}
    for metric in found.metrics:
        if metric.name == name:
            labels = dict(metric.labels)
            values[labels.get("ifName") or labels.get("ifDescr") or labels["ifIndex"]] = metric.value
    return values
