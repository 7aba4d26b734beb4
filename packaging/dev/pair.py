# SPDX-License-Identifier: Apache-2.0
"""A collector and an agent for this very host, started as processes: what `make run` and `make smoke` share."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from giamsat_collector.control.client import NotRunningError, ask

UNIT = "40.412"
SYSTEM = "VD-023"
START_S = 120.0
"""A program that ends is told at once; one that is slow to start is waited for."""
STOP_S = 15.0


class NotStartedError(Exception):
    """A part did not start; the message holds what it printed."""


@dataclass(frozen=True)
class Pair:
    """Where the two keep their data and which ports they use; 0 takes any free port.

    `host` is the address the collector listens on; `within` are words that put the agent into a place of its own.
    """

    folder: Path
    ingest: int = 0
    enrol: int = 0
    console: int = 0
    period_s: float = 15.0
    host: str = "127.0.0.1"
    within: tuple[str, ...] = ()

    @property
    def socket(self) -> Path:
        """The collector's administration socket."""
        return self.folder / "collector" / "control.sock"

    def ask(self, command: str, **arguments: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Have the collector do something."""
        return ask(self.socket, command, **arguments)

    def alerts(self) -> list[dict[str, Any]]:
        """Every alert."""
        return list(self.ask("alerts.list", filters=[], limit=100_000)["alerts"])


@contextlib.contextmanager
def collector(pair: Pair) -> Iterator[subprocess.Popen[bytes]]:
    """A running collector; stopped in order at the end.

    Raises:
        NotStartedError: it did not start, or another one runs with this data.
    """
    with contextlib.suppress(NotRunningError):
        pair.ask("status")
        raise NotStartedError(f"a collector runs with {pair.folder} already; stop it, or give another folder (--data)")
    config = pair.folder / "collector.toml"
    config.write_text(
        f'data = "{pair.folder / "collector"}"\n[listen]\n'
        f'host = "{pair.host}"\nnames = ["localhost", "127.0.0.1", "{pair.host}"]\n'
        f"ingest = {pair.ingest}\nenrol = {pair.enrol}\nconsole = {pair.console}\n"
    )
    log = pair.folder / "collector.log"
    before = log.stat().st_size if log.exists() else 0
    with _process("giamsat_collector", config, log) as process:
        _wait(
            process, lambda: pair.ask("status"), lambda: f"the collector did not start: {_reason(process, log, before)}"
        )
        yield process


@contextlib.contextmanager
def agent(pair: Pair) -> Iterator[subprocess.Popen[bytes]]:
    """A running agent, enrolled with a one-time token at its first start; stopped in order at the end."""
    status = pair.ask("status")
    config = pair.folder / "agent.toml"
    config.write_text(
        f'state = "{pair.folder / "agent"}"\n[collector]\naddresses = ["{pair.host}:{status["ingest_port"]}"]\n'
        f"[sensors]\nperiod_s = {pair.period_s}\n"
    )
    if not (pair.folder / "agent" / "identity").exists():
        token = pair.ask("enrol.issue", unit=UNIT, system=SYSTEM, uses=1, expires="30m")["token"]
        words = [*pair.within, program("giamsat-agent"), "enrol", "--collector", f"{pair.host}:{status['enrol_port']}"]
        enrolled = subprocess.run(
            [*words, "--config", str(config)], input=token.encode(), capture_output=True, check=False
        )
        if enrolled.returncode:
            raise NotStartedError(enrolled.stderr.decode())
    with _process("giamsat_agent.app", config, pair.folder / "agent.log", pair.within) as process:
        yield process


@contextlib.contextmanager
def _process(module: str, config: Path, log: Path, within: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        # A session of its own: Ctrl-C reaches the parent alone, which then stops both in order.
        process = subprocess.Popen(
            [*within, sys.executable, "-m", module, str(config)], stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], object], why: Callable[[], str]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            ready()
        except NotRunningError:
            time.sleep(0.05)
        else:
            return
    raise NotStartedError(why())


def _reason(process: subprocess.Popen[bytes], log: Path, before: int) -> str:
    """What a program ended with, or the last it said since its log had `before` bytes, or what it does instead."""
    lines = log.read_bytes()[before:].decode(errors="replace").splitlines()
    ended = [line.partition(": ")[2] for line in lines if line.startswith("giamsat-")]
    if said := ended[-1:] or list(map(_sentence, lines[-10:])):
        return "\n".join(said)
    if process.poll() is not None:
        return f"it ended with {process.returncode} and wrote nothing to {log}"
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"process {process.pid} runs, but after {START_S:.0f} s it neither answers nor wrote anything to {log}; "
        f"{os.cpu_count()} processors have {busy} to run: try again when they have less to do"
    )


def _sentence(line: str) -> str:
    with contextlib.suppress(ValueError, AttributeError):
        return str(json.loads(line).get("event", line))
    return line


def program(name: str) -> str:
    """A program of this environment."""
    return str(Path(sys.executable).parent / name)
