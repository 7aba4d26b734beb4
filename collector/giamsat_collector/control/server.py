# SPDX-License-Identifier: Apache-2.0
"""The running collector's end of the administration socket.

One JSON object a line: {"do": name, "with": {...}} is answered by {"ok": result} or {"error": sentence}. Only the user
the collector runs as, and root, are served; the kernel says who is there.
"""

import asyncio
import contextlib
import inspect
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import structlog

from giamsat_collector.control.caller import Caller, caller
from giamsat_collector.control.client import REQUEST_BYTES
from giamsat_collector.errors import CollectorError, StartError
from giamsat_collector.socket_peer import peer
from giamsat_collector.vietnamese import in_both

log = structlog.get_logger()

Command: TypeAlias = Callable[..., Awaitable[Any]]
"""Takes JSON values by name, returns a JSON value, raises CollectorError with a sentence for the person who asked.

A parameter `caller` is given by the server, never by the client.
"""
Done: TypeAlias = Callable[[str, Mapping[str, Any], Caller], Awaitable[None]]
"""Hears of a command by name, with its arguments, and by whom."""


class Group(Protocol):
    """Commands about one thing."""

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        ...


def together(*groups: Group) -> dict[str, Command]:
    """The commands of all of these."""
    return {name: command for group in groups for name, command in group.commands().items()}


@contextlib.asynccontextmanager
async def serve(path: Path, commands: Mapping[str, Command], done: Done) -> AsyncIterator[None]:
    """Answer on the socket at `path` while the context lasts; `done` hears of every command that was carried out.

    Raises:
        StartError: the folder cannot be written.
    """
    path.unlink(missing_ok=True)  # noqa: ASYNC240 - once at start, before anything else runs

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            await _talk(reader, writer, commands, done)

    before = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(talk, path, limit=REQUEST_BYTES)
    except OSError as error:
        raise StartError(
            f"{path}: the administration socket cannot be made: {error.strerror or error}; "
            "set 'data' to a folder that can be written and has a short path"
        ) from error
    finally:
        os.umask(before)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)  # noqa: ASYNC240 - once, at the end


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, commands: Mapping[str, Command], done: Done
) -> None:
    pid, uid = peer(writer)
    if uid not in {0, os.getuid()}:
        log.warning("control_refused", uid=uid)
        writer.write(_line({"error": "only root and the user the collector runs as may do this; use sudo"}))
        await writer.drain()
        return
    who = caller(Path("/proc", str(pid)), uid)
    with contextlib.suppress(ConnectionError, asyncio.LimitOverrunError, ValueError):
        while line := await reader.readline():
            answer = await _answer(line, commands, who, done)
            writer.write(await asyncio.to_thread(_line, answer))  # it may be as long as the province is large
            await writer.drain()


async def _answer(line: bytes, commands: Mapping[str, Command], who: Caller, done: Done) -> dict[str, Any]:
    try:
        request = json.loads(line)
        command = commands[request["do"]]
        arguments = dict(request.get("with", {}))
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"error": f"not a request; the commands are {', '.join(sorted(commands))}"}
    try:
        signature = inspect.signature(command)
        if "caller" in signature.parameters:
            arguments["caller"] = who
        signature.bind(**arguments)
    except TypeError as error:
        return {"error": f"{request['do']}: {error}"}
    try:
        result = await command(**arguments)
        await done(request["do"], arguments, who)
    except CollectorError as error:
        return {"error": in_both(error.why)}
    except Exception:
        log.exception("command_failed", command=request["do"])
        return {"error": f"{request['do']} failed inside the collector; its log says why"}
    return {"ok": result}


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
