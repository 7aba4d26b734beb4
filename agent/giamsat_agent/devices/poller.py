# SPDX-License-Identifier: Apache-2.0
"""Asks every configured device at its interval, each for itself: one that is silent, slow or endless delays no other.

A poll runs in one of THREADS threads and ends at its time limit at the latest. A device that does not answer is asked
less and less often, up to BACK_OFF times its interval. Sessions stay open; after a failure a new one is made.
"""

import asyncio
import random
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Final

from giamsat_agent.config import Device as Settings
from giamsat_agent.devices import stations, vlans
from giamsat_agent.devices.changes import Changes
from giamsat_agent.devices.errors import DeviceError, SilentError
from giamsat_agent.devices.interface_load import loads
from giamsat_agent.devices.poll import Asked, Polled, poll
from giamsat_agent.devices.port_memory import PortMemory
from giamsat_agent.devices.ports import Ports
from giamsat_agent.devices.reader import Presence
from giamsat_agent.devices.reading import Rows, Value
from giamsat_agent.devices.session import opened
from giamsat_agent.devices.stations import Shown
from giamsat_agent.devices.vlans import OfVlan
from giamsat_agent.input import Deliver, rest_s
from giamsat_agent.own_log import logger
from giamsat_wire import limits
from giamsat_wire.clock import Clock
from giamsat_wire.record import Event, Sample

log = logger()

THREADS: Final = 16
BACK_OFF: Final = 10
FIGURES: Final = 4_000
"""Figures of one device that are kept; the tables' own order decides which."""
PORTS_FILE: Final = "switch-ports.json"

Stations = Shown | str
"""The port of each address, or why that is not known."""


class Limited:
    """A device that answers until a time: implements giamsat_agent.devices.poll.Asked."""

    def __init__(self, device: Asked, clock: Clock, until_ns: int) -> None:
        self.address = device.address
        self._device = device
        self._clock = clock
        self._until_ns = until_ns

    def get(self, oids: Iterable[str]) -> Mapping[str, Value]:
        """The objects it has, of these.

        Raises:
            SilentError, RefusedError: nothing came back in time, or a refusal.
        """
        self._check()
        return self._device.get(oids)

    def has(self, oid: str) -> bool:
        """Whether there is anything below an object.

        Raises:
            SilentError, RefusedError: nothing came back in time, or a refusal.
        """
        self._check()
        return self._device.has(oid)

    def walk(self, oid: str) -> Iterator[Rows]:
        """Every object below one, answer by answer, as far as time allows."""
        for rows in self._device.walk(oid):
            self._check()
            yield rows

    def like(self, other: Asked) -> "Limited":
        """Another view of the device, that answers as long."""
        self._check()
        return Limited(other, self._clock, self._until_ns)

    def _check(self) -> None:
        if self._clock.mono_ns() > self._until_ns:
            raise SilentError(f"{self.address}: it had not answered everything when its time was over")


@dataclass(slots=True)
class Target:
    """One device, and how it is doing."""

    settings: Settings
    changes: Changes
    session: Asked | None = None
    presence: Presence = field(default_factory=Presence)
    found: Polled | None = None
    found_ns: int = 0
    took_s: float = 0.0
    problem: str = ""
    ports: Ports = field(default_factory=Ports)
    ports_problem: str = ""
    of_vlan: OfVlan | None = None
    failures: int = 0
    figures: tuple[Sample, ...] = field(default=())


class Poller:
    """Implements giamsat_agent.input.Input."""

    def __init__(
        self, devices: Iterable[Settings], *, clock: Clock, rng: random.Random, deliver: Deliver, state: Path
    ) -> None:
        """Ask these devices; what is known of the ports of switches is kept in `state`."""
        self._clock = clock
        self._rng = rng
        self._deliver = deliver
        self._targets = [Target(settings, Changes(settings.name)) for settings in devices]
        self._memory = PortMemory(state / PORTS_FILE)
        if self._memory.problem:
            log.warning("ports_learned_anew", reason=self._memory.problem)
        for target in self._targets:
            target.ports = self._memory.ports(target.settings.name, target.settings.trunk_ports)
        self._by_name = {target.settings.name: target for target in self._targets}

    async def run(self) -> None:
        """Ask for ever; at the end what is known of ports is kept."""
        with ThreadPoolExecutor(min(THREADS, len(self._targets)), "snmp") as threads:
            try:
                async with asyncio.TaskGroup() as tasks:
                    for target in self._targets:
                        tasks.create_task(self._keep_asking(target, threads))
            finally:
                self._keep_ports()

    def samples(self) -> Iterator[Sample]:
        """Whether each device answers, what it is, and its figures."""
        for target in self._targets:
            name = target.settings.name
            yield Sample("snmp_up", float(not target.problem and target.found is not None), (("device", name),))
            yield Sample("snmp_scrape_duration_seconds", round(target.took_s, 3), (("device", name),))
            if self._clock.mono_ns() - target.found_ns <= limits.STALE_PERIODS * target.settings.interval_s * 1e9:
                yield from target.figures

    def problems(self) -> Mapping[str, str]:
        """Devices that do not answer, and why."""
        found = {f"device {target.settings.name}": target.problem for target in self._targets if target.problem}
        ports = {f"ports of {one.settings.name}": one.ports_problem for one in self._targets if one.ports_problem}
        return found | ports

    async def _keep_asking(self, target: Target, threads: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._rng.random() * min(target.settings.interval_s, 5))
        while True:
            began_ns = self._clock.mono_ns()
            try:
                found, stations = await loop.run_in_executor(threads, self._ask, target)
                self._answered(target, found, began_ns)
                if target.settings.watch_ports:
                    self._looked_at_ports(target, stations)
            except DeviceError as error:
                self._failed(target, str(error))
            except Exception as error:  # noqa: BLE001 - whatever a device brings about, the others are asked on
                self._failed(target, f"it cannot be read: {type(error).__name__}: {error}")
            else:
                self._recovered(target)
            wait_s = target.settings.interval_s * min(2 ** max(target.failures - 1, 0), BACK_OFF)
            took_s = (self._clock.mono_ns() - began_ns) / 1e9
            await asyncio.sleep(rest_s(wait_s, took_s, self._rng))

    def _ask(self, target: Target) -> tuple[Polled, Stations]:
        """In a thread: one poll, with a session that is made when there is none, and who is behind which port."""
        its = target.settings
        limit_s = max(its.interval_s * 0.8, its.timeout_s)
        if target.session is None:
            target.session = opened(its)
            target.presence = Presence()
        limited = Limited(target.session, self._clock, self._clock.mono_ns() + int(limit_s * 1e9))
        found = poll(limited, target.presence, (("device", its.name),))
        if not its.watch_ports:
            return found, ""
        if target.of_vlan is None:
            target.of_vlan = vlans.of(its)
        return found, _stations(limited, found, target.of_vlan, target.presence)

    def _failed(self, target: Target, reason: str) -> None:
        if target.problem != reason:
            log.warning("device_not_polled", device=target.settings.name, reason=reason)
        target.problem, target.failures, target.session = reason, target.failures + 1, None
        target.of_vlan = None
        if self._cut_off(target):
            return
        behind = [name for name in self._by_name if self._is_behind(name, target.settings.name)]
        hosts = [host for name in (target.settings.name, *behind) for host in self._by_name[name].settings.hosts]
        wall_ns, mono_ns = self._clock.wall_ns(), self._clock.mono_ns()
        self._tell(target.changes.failed(reason, behind=behind, hosts=hosts, wall_ns=wall_ns, mono_ns=mono_ns))

    def _cut_off(self, target: Target) -> bool:
        """Whether a device on the way to it is silent: its own silence says nothing then."""
        return any(self._by_name[name].problem for name in self._way(target.settings.name))

    def _is_behind(self, name: str, other: str) -> bool:
        return other in self._way(name)

    def _way(self, name: str) -> Iterator[str]:
        """The devices on the way to one, the nearest first; configuration knows no circles."""
        while name := self._by_name[name].settings.behind:
            yield name

    def _answered(self, target: Target, found: Polled, began_ns: int) -> None:
        now_ns = self._clock.mono_ns()
        before = target.found
        target.found, target.found_ns, target.took_s = found, now_ns, (now_ns - began_ns) / 1e9
        between = loads(before, found) if before is not None else ()
        target.figures = tuple(figures(target.settings.name, found, between))
        self._tell(target.changes.polled(found, wall_ns=self._clock.wall_ns(), mono_ns=now_ns))

    def _recovered(self, target: Target) -> None:
        if target.problem:
            log.info("device_polled_again", device=target.settings.name)
        target.problem, target.failures = "", 0

    def _looked_at_ports(self, target: Target, stations: Stations) -> None:
        if isinstance(stations, str):
            target.ports_problem = stations
            return
        wall_ns, mono_ns = self._clock.wall_ns(), self._clock.mono_ns()
        arrived = target.ports.seen(stations.ports, mono_ns=mono_ns)
        self._tell(target.changes.arrived(arrived, wall_ns=wall_ns, mono_ns=mono_ns))
        target.ports_problem = self._memory.keep(self._watched(), mono_ns=mono_ns) or stations.problem

    def _keep_ports(self) -> None:
        if watched := self._watched():
            self._memory.write(watched)
            if self._memory.problem:
                log.warning("ports_not_kept", reason=self._memory.problem)

    def _watched(self) -> Mapping[str, Ports]:
        return {one.settings.name: one.ports for one in self._targets if one.settings.watch_ports}

    def _tell(self, events: Iterable[Event]) -> None:
        if told := list(events):
            self._deliver(told)


def figures(name: str, found: Polled, between: Iterable[Sample] = ()) -> Iterator[Sample]:
    """What a device is, what became of its interfaces since it last was asked, and what it said."""
    about = {
        "device": name,
        "hardware": found.hardware,
        "os": found.os,
        "serial": found.serial,
        "vendor": found.vendor,
        "version": found.version,
    }
    yield Sample("snmp_device_info", 1.0, tuple(sorted(about.items())))
    yield from islice(chain(between, found.metrics), FIGURES)


def _stations(device: Limited, found: Polled, of_vlan: OfVlan, presence: Presence) -> Stations:
    """The port of each address by its interface's name, or why that is not known."""
    labels = (dict(metric.labels) for metric in found.metrics if metric.name == "ifOperStatus")
    names = {its["ifIndex"]: its.get("ifName") or its.get("ifDescr") or its["ifIndex"] for its in labels}
    try:
        return stations.read(device, names, lambda vlan: device.like(of_vlan(vlan)), presence)
    except DeviceError as error:
        return str(error)
