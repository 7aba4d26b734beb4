# SPDX-License-Identifier: Apache-2.0
"""The process that asks devices and takes their notifications: `python -m giamsat_agent.polling [CONFIG]`.

It holds the devices' secrets and reads what they answer; it holds no key of the agent, and cannot reach its files.
What it finds it tells the agent, which makes frames of it.
"""

import asyncio
import signal
import sys
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from giamsat_agent import config as configuration
from giamsat_agent import own_log, plan
from giamsat_agent.config import Config
from giamsat_agent.devices.sender import Telling
from giamsat_agent.errors import AgentError, ConfigError
from giamsat_wire.clock import Clock, SystemClock
from giamsat_wire.supervision import Supervisor


async def ask(config: Config, clock: Clock, telling: Telling, stopped: asyncio.Event) -> None:
    """Ask every device, and tell, until `stopped`."""
    supervisor = Supervisor(clock)
    inputs = plan.devices(config, clock, telling.happened)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(each.run()) for each in inputs]
        supervisor.ready()
        while not stopped.is_set():
            problems: dict[str, str] = {}
            for each in inputs:
                problems |= _bounded(each.problems())
            telling.measured(chain.from_iterable(each.samples() for each in inputs), problems)
            supervisor.alive()
            await _rested(stopped, config.sensors.period_s)
        supervisor.stopping()
        for task in running:
            task.cancel()
    telling.close()


async def _rested(stopped: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopped.wait()
    except TimeoutError:
        return


def _bounded(problems: Mapping[str, str]) -> dict[str, str]:
    return {name[:200]: why[:1_000] for name, why in problems.items()}


async def _serve(config: Config) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await ask(config, SystemClock(), Telling(config.polling.socket), stopped)


def main(words: tuple[str, ...] = tuple(sys.argv[1:])) -> None:
    """Start, or say in one message why not."""
    own_log.to_standard_error()
    try:
        config = configuration.load(Path(words[0])) if words else Config()
        if not config.polling.socket:
            raise ConfigError(
                "chưa đặt polling.socket, ví dụ / polling.socket is empty: name it, e.g. "
                'socket = "/run/giamsat-agent/devices.sock"'
            )
        if not (config.device or config.snmptrap.udp):
            raise ConfigError(
                "không có thiết bị nào để hỏi; xin khai [[device]] hoặc snmptrap.udp / there is nothing to ask: name "
                "devices in [[device]], or snmptrap.udp"
            )
        asyncio.run(_serve(config))
    except AgentError as error:
        print(f"giamsat-devices: {error}", file=sys.stderr)  # noqa: T201 - the one line a person waits for
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
