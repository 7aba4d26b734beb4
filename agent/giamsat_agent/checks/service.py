# SPDX-License-Identifier: Apache-2.0
"""A service of this host by the name of its unit: whether systemd has it running, since when, its restarts."""

import contextlib
from typing import Final

from giamsat_agent.check import Run, UnusableError, WrongAnswerError, shorten
from giamsat_agent.check_settings import Service
from giamsat_agent.machine.dbus import Bus, Call
from giamsat_agent.machine.dbus_values import Reader

BUS: Final = "/run/dbus/system_bus_socket"
BUS_LIMIT_S: Final = 2.0
SYSTEMD, MANAGER = "org.freedesktop.systemd1", "/org/freedesktop/systemd1"
UNIT, SERVICE = "org.freedesktop.systemd1.Unit", "org.freedesktop.systemd1.Service"
PROPERTIES: Final = (
    (UNIT, "ActiveState"),
    (UNIT, "ActiveEnterTimestamp"),
    (SERVICE, "NRestarts"),
    (SERVICE, "TasksCurrent"),
)
UNKNOWN: Final = (1 << 64) - 1
"""What systemd says in place of a number it does not know."""


class ServiceCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Service, bus: str = BUS) -> None:
        self._its = its
        self._bus = bus

    async def run(self, run: Run) -> None:
        """Ask systemd."""
        its = self._its
        name = its.target if "." in its.target else f"{its.target}.service"
        state, entered_us, restarts, tasks = await run.blocking(lambda: ask(self._bus, name))
        if entered_us:
            run.set("node_systemd_unit_start_time_seconds", entered_us / 1e6, name=name)
        run.set("node_systemd_service_restart_total", restarts, name=name)
        if tasks != UNKNOWN:
            run.set("node_systemd_unit_tasks_current", tasks, name=name)
        if state != "active":
            raise WrongAnswerError(f"{name} is {shorten(state)}; systemctl status {name}")


def ask(address: str, name: str) -> tuple[str, int, int, int]:
    """A unit's state, when it entered it (UNIX microseconds, 0 never), its restarts and its tasks.

    Raises:
        WrongAnswerError: there is no such unit.
        UnusableError: this host's systemd cannot be asked.
    """
    try:
        with contextlib.closing(Bus(address, limit_s=BUS_LIMIT_S)) as bus:
            (unit,) = bus.call([Call(SYSTEMD, MANAGER, f"{SYSTEMD}.Manager", "GetUnit", (name,))])
            if unit is None:
                raise WrongAnswerError(f"there is no unit {name}, or it is not loaded; systemctl status {name}")
            path = Reader(unit).text()
            answers = bus.call(
                [Call(SYSTEMD, path, "org.freedesktop.DBus.Properties", "Get", words) for words in PROPERTIES]
            )
        state, *numbers = (None if answer is None else _value(answer) for answer in answers)
    except (OSError, ValueError) as error:
        raise UnusableError(f"systemd cannot be asked over {address}: {error}") from error
    entered_us, restarts, tasks = (number if isinstance(number, int) else 0 for number in numbers)
    return str(state), entered_us, restarts, tasks


def _value(body: bytes) -> str | int:
    """The property in an answer to Properties.Get.

    Raises:
        ValueError: it is of another type.
    """
    reader = Reader(body)
    kind = reader.signature()
    if kind == "s":
        return reader.text()
    if kind == "u":
        return reader.u32()
    if kind == "t":
        return reader.u64()
    raise ValueError(f"a property of type {kind!r} came where a text or a number was asked for")
