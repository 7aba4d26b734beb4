# SPDX-License-Identifier: Apache-2.0
"""The state of each systemd unit, asked of systemd over the system's message bus."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_agent.machine.dbus import Bus, BusError, Call
from giamsat_agent.machine.dbus_values import Reader
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Sample

STATES: Final = ("active", "activating", "deactivating", "inactive", "failed")
"""The states a unit is reported in, one series each."""
KINDS_LEFT_OUT: Final = (".automount", ".device", ".mount", ".scope", ".slice")
"""node_exporter's default exclusion."""
UNITS_MOST: Final = 300
"""Units reported at most: 1,500 series. The failed ones come first."""
BUS_LIMIT_S: Final = 0.5
MANAGER: Final = "org.freedesktop.systemd1.Manager"
SERVICE: Final = "org.freedesktop.systemd1.Service"
NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Unit:
    """What systemd lists of a unit."""

    name: str
    loaded: bool
    state: str
    path: str


class Systemd:
    """The service manager of the host."""

    def __init__(self, host: Host) -> None:
        # The mark that sd_booted(3) looks for.
        self._booted = host.root / "run/systemd/system"
        self._address = str(host.root / "run/dbus/system_bus_socket")
        self._bus: Bus | None = None
        self._types: Mapping[str, str] = {}

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        if not self._booted.is_dir():
            raise NothingToRead(
                f"{self._booted}: không có, máy này không dùng systemd / does not exist; it is provided by systemd as "
                "process 1"
            )
        try:
            yield from self._ask(self._bus or self._connect())
        except (OSError, ValueError):
            if self._bus:
                self._bus.close()
                self._bus = None
            raise

    def _connect(self) -> Bus:
        try:
            self._bus = Bus(self._address, limit_s=BUS_LIMIT_S)
        except FileNotFoundError as error:
            raise NothingToRead(
                f"{self._address}: không có, hãy cài gói dbus / does not exist; it is provided by the package dbus"
            ) from error
        return self._bus

    def _ask(self, bus: Bus) -> Iterator[Sample]:
        listed, state, version = bus.call(
            [_manager("ListUnits"), _property(MANAGER, "SystemState"), _property(MANAGER, "Version")]
        )
        if listed is None:
            raise BusError("systemd refused to list its units; the bus policy of this host may forbid it")
        units = parse_units(listed)
        yield from manager_samples(parse_property(state), parse_property(version))
        yield from summary(units)
        chosen = choose(units)
        self._types = self._types_of(bus, chosen[:UNITS_MOST])
        for unit in chosen[:UNITS_MOST]:
            yield from unit_samples(unit, self._types.get(unit.name, ""))
        if len(chosen) > UNITS_MOST:
            raise ValueError(f"systemd lists {len(chosen)} units, only {UNITS_MOST} are reported")

    def _types_of(self, bus: Bus, units: Sequence[Unit]) -> Mapping[str, str]:
        """The Type= of each service; asked once, because a running unit does not change it."""
        services = [unit for unit in units if unit.name.endswith(".service")]
        new = [unit for unit in services if unit.name not in self._types]
        answers = bus.call([_property(SERVICE, "Type", path=unit.path) for unit in new])
        types = {unit.name: parse_property(answer) for unit, answer in zip(new, answers, strict=True)}
        return {unit.name: types.get(unit.name) or self._types.get(unit.name, "") for unit in services}


def parse_units(body: bytes) -> tuple[Unit, ...]:
    """The units in an answer to ListUnits, an array of (ssssssouso).

    Raises:
        ValueError: this is not such an answer.
    """
    reader = Reader(body)
    end = reader.u32() + 8
    reader.align(8)
    units = []
    while reader.at < end:
        reader.align(8)
        name, _, load, active, _, _, path = (reader.text() for _ in range(7))
        reader.u32(), reader.text(), reader.text()
        units.append(Unit(name=name, loaded=load == "loaded", state=active, path=path))
    return tuple(units)


def parse_property(body: bytes | None) -> str:
    """The text in an answer to Properties.Get; empty when systemd refused to tell.

    Raises:
        ValueError: the answer holds no text.
    """
    if body is None:
        return ""
    reader = Reader(body)
    if (kind := reader.signature()) != "s":
        raise ValueError(f"a property of type {kind!r} came where a text was asked for")
    return reader.text()


def choose(units: Sequence[Unit]) -> list[Unit]:
    """The loaded units of the kinds that are reported, the failed ones first, then by name."""
    chosen = (unit for unit in units if unit.loaded and not unit.name.endswith(KINDS_LEFT_OUT))
    return sorted(chosen, key=lambda unit: (unit.state != "failed", unit.name))


def unit_samples(unit: Unit, service_type: str) -> Iterator[Sample]:
    """One sample for each state, 1 for the one the unit is in."""
    for state in STATES:
        labels = (("name", unit.name), ("state", state), ("type", service_type))
        yield Sample("node_systemd_unit_state", float(unit.state == state), labels)


def summary(units: Sequence[Unit]) -> Iterator[Sample]:
    """How many units, of all kinds, are in each state."""
    counts = Counter(unit.state for unit in units)
    for state in STATES:
        yield Sample("node_systemd_units", float(counts[state]), (("state", state),))


def manager_samples(state: str, version: str) -> Iterator[Sample]:
    """Whether systemd believes that all is well, and its version."""
    yield Sample("node_systemd_system_running", float(state == "running"))
    if number := NUMBER.search(version):
        yield Sample("node_systemd_version", float(number[0]), (("version", version),))


def _manager(member: str) -> Call:
    return Call("org.freedesktop.systemd1", "/org/freedesktop/systemd1", MANAGER, member)


def _property(interface: str, name: str, path: str = "/org/freedesktop/systemd1") -> Call:
    arguments = (interface, name)
    return Call("org.freedesktop.systemd1", path, "org.freedesktop.DBus.Properties", "Get", arguments)


SPEC: Final = SensorSpec(name="systemd", build=Systemd, every_s=15)
