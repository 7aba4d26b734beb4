# SPDX-License-Identifier: Apache-2.0
"""The signer's socket: who asks is said by the kernel, what is asked is one JSON object a line."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from giamsat_collector.errors import StartError
from giamsat_collector.signing.desk import Desk, Right
from giamsat_collector.socket_peer import peer

log = structlog.get_logger()

REQUEST_BYTES: Final = 32 << 10
CONNECTIONS: Final = 64
PATIENCE_S: Final = 10.0
"""For a request to come in whole."""


def rights(own: int, collector: int | None) -> Callable[[int], Right]:
    """What the user with an id may ask of the signer that runs as `own`: root and the signer itself, everything."""

    def right(uid: int) -> Right:
        if uid in {0, own}:
            return Right.ADMINISTER
        return Right.SIGN if uid == collector else Right.NOTHING

    return right


@contextlib.asynccontextmanager
async def serve(path: Path, desk: Desk, right: Callable[[int], Right]) -> AsyncIterator[None]:
    """Answer on the socket at `path` while the context lasts; a socket that is left over is replaced.

    Raises:
        StartError: the socket cannot be made.
    """
    open_ = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_
        allowed = right(peer(writer).uid)
        with contextlib.closing(writer), contextlib.suppress(OSError, TimeoutError, ValueError):
            if allowed is Right.NOTHING or open_ == CONNECTIONS:
                log.warning("signer_peer_refused", connections=open_)
                writer.write(_line({"refused": "user", "sentence": "only the collector and root are served here"}))
                return
            open_ += 1
            try:
                async with asyncio.timeout(PATIENCE_S):
                    writer.write(_line(answered(await reader.readline(), desk, allowed)))
                    await writer.drain()
            finally:
                open_ -= 1

    path.unlink(missing_ok=True)  # noqa: ASYNC240 - once at start, before anything else runs
    before = os.umask(0o111)  # anybody may connect; who is served is decided by the peer's user
    try:
        server = await asyncio.start_unix_server(talk, path, limit=REQUEST_BYTES)
    except OSError as error:
        raise StartError(
            f"{path}: the signer's socket cannot be made: {error.strerror or error}; give it a folder that the "
            "signer's user can write, with a short path"
        ) from error
    finally:
        os.umask(before)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)  # noqa: ASYNC240 - once, at the end


def answered(line: bytes, desk: Desk, right: Right) -> Mapping[str, Any]:
    """What is answered to a line, whatever it holds."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict):
        return {"refused": "request", "sentence": "not a request"}
    return desk.answer(request, right)


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
