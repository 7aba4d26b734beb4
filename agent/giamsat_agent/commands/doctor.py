# SPDX-License-Identifier: Apache-2.0
"""`giamsat-agent doctor`: what the agent sees as the user its service has, what is lacking, and how to grant it."""

import os
import pwd
from pathlib import Path

from rich.markup import escape

from giamsat_agent import next_step, readiness, status
from giamsat_agent.commands.options import out
from giamsat_agent.config import Config
from giamsat_agent.errors import StateError
from giamsat_agent.grants import grants
from giamsat_agent.privileges import become_owner
from giamsat_agent.sensor import Host
from giamsat_wire.clock import SystemClock


def tell(settings: Config) -> None:
    """One line for each thing looked at.

    Raises:
        StateError: the state belongs to another user, who alone can say what the agent sees.
    """
    state = Path(settings.state)
    engine_id = _engine_id(settings)  # while another user's folder can be looked into
    become_owner(state)  # what root sees says nothing of what the service sees
    try:
        shut = state.exists() and not os.access(state, os.R_OK | os.X_OK)
    except PermissionError:  # a folder above it is shut
        shut = True
    if shut:
        raise StateError(next_step.looking(state, "doctor"))
    host = Host(
        clock=SystemClock(),
        proc=Path(settings.host.proc),
        sys=Path(settings.host.sys),
        root=Path(settings.host.root),
        files=settings.sensors.files,
    )
    for grant in grants(host, pwd.getpwuid(os.geteuid()).pw_name):
        _line(grant.what, [] if grant.seen else [grant.remedy])
    for name, reason in _failing(state, host.clock.wall_ns()):
        _line(f"agent đang chạy báo / the running agent tells: {name}", [reason])
    _line("ghi danh / enrolled", [] if (state / "identity").exists() else [next_step.enrolling()])
    for address in settings.collector.addresses:
        _line(f"bộ thu thập / collector {address}", list(readiness.collector_problems(address)))
    if engine_id:
        _line(f"INFORM SNMPv3: engineID 0x{engine_id}", [])
    problems = readiness.nameless_device if settings.polling.socket else readiness.device_problems
    for device in settings.device:
        _line(f"thiết bị / device {device.name} ({device.address})", list(problems(device)))
    for check in settings.check:
        _line(f"kiểm tra / check {check.name} ({check.what} {check.target})", list(readiness.problems(check)))


def _failing(state: Path, now_ns: int) -> list[tuple[str, str]]:
    """What the agent that runs now cannot read, and why."""
    told = status.read(state)
    return sorted(told.failing.items()) if told is not None and told.holds(now_ns) else []


def _engine_id(settings: Config) -> str:
    """By what devices know who takes their INFORMs (hexadecimal); empty where none is taken, or none yet."""
    if not settings.snmptrap.udp:
        return ""
    from giamsat_agent.devices import engine  # noqa: PLC0415 - what few hosts need

    found = engine.kept(Path(settings.polling.state if settings.polling.socket else settings.state))
    return found[0].hex() if found else ""


def _line(what: str, lacking: list[str]) -> None:
    """One line, and one more for each thing to do."""
    out.print(f"{'[yellow]✗[/]' if lacking else '[green]✓[/]'} {escape(what)}", markup=True)
    for remedy in lacking:
        out.print(f"    → {remedy}")
