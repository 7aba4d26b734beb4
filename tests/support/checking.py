# SPDX-License-Identifier: Apache-2.0
"""One run of one check, as the agent runs it, and servers that mean it no good."""

import asyncio
import contextlib

from giamsat_agent import config
from giamsat_agent.check_runner import Checked
from giamsat_agent.checks import build
from giamsat_wire.clock import SystemClock


def settings(**said):
    """The settings of one check, read as agent.toml is."""
    lines = [f"{key} = {_toml(value)}" for key, value in {"name": "it", **said}.items()]
    (its,) = config.parse("[[check]]\n" + "\n".join(lines), "agent.toml").check
    return its


async def once(**said):
    """How a check of these settings ends."""
    its = settings(**said)
    return await Checked(its, build(its)).once(SystemClock())


def values(result):
    """The figures of a result by name; those with a phase, version or the like by name and that."""
    found = {}
    for sample in result.samples:
        found[(sample.name, *(value for _, value in sample.labels))] = sample.value
    return {key[0] if len(key) == 1 else key: value for key, value in found.items()}


@contextlib.asynccontextmanager
async def server(talk, tls=None):
    """A server on loopback that talks as the test says; yields HOST:PORT."""

    talking: set[asyncio.Task[None]] = set()

    async def serve(reader, writer):
        task = asyncio.current_task()
        assert task is not None
        talking.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        else:
            writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as running:
        try:
            yield f"127.0.0.1:{running.sockets[0].getsockname()[1]}"
        finally:
            for task in talking:
                task.cancel()
            await asyncio.gather(*talking, return_exceptions=True)


def _toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    return (
        repr(value)
        if isinstance(value, int | float)
        else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n") + '"'
    )
