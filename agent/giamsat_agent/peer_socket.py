# SPDX-License-Identifier: Apache-2.0
"""A UNIX socket through which a process of another user tells the agent what it finds: messages of SOCK_SEQPACKET.

That process has a right, or reads what is hostile, and holds no key; this end holds the key. Who connects is known by
the kernel (SO_PEERCRED, unix(7)), not by what he says.
"""

import asyncio
import contextlib
import os
import pwd
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

RETRY_S: Final = 5.0


class _CannotListenError(Exception):
    """The socket cannot be opened, or nobody can be let in now."""


class Hearer(Protocol):
    """Who hears what is told."""

    def opened(self) -> None:
        """From now on somebody can come."""
        ...

    def unheard(self, words: str) -> None:
        """Nobody can come, and why; it is tried again."""
        ...

    def heard(self, message: bytes) -> None:
        """One message, as it came."""
        ...

    def gone(self) -> None:
        """The process that told it has gone away."""
        ...

    def refused(self, reason: str, words: str) -> None:
        """Something was not taken: `reason` is for counters, `words` for the log."""
        ...


async def served(path: Path, user: str, most_bytes: int, hearer: Hearer) -> None:
    """Hear one process of `user` (or of this process's own user) after the other, for ever."""
    while True:
        try:
            await _served(path, user, most_bytes, hearer)
        except _CannotListenError as error:
            hearer.unheard(str(error))
            await asyncio.sleep(RETRY_S)


async def _served(path: Path, user: str, most_bytes: int, hearer: Hearer) -> None:
    loop = asyncio.get_running_loop()
    with _listening(path) as listener:
        hearer.opened()
        while True:
            try:
                peer, _ = await loop.sock_accept(listener)
            except OSError as error:  # no file to spare: nothing else of the agent ends for that
                raise _CannotListenError(f"{path}: nobody can be let in now: {error.strerror}") from error
            with peer:
                uid = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
                if uid not in _allowed(user):
                    hearer.refused("peer", f"user {uid} is not {user}")
                    continue
                while message := await _received(loop, peer, most_bytes):
                    if len(message) > most_bytes:
                        hearer.refused("oversized", f"a message of more than {most_bytes} bytes")
                    else:
                        hearer.heard(message)
            hearer.gone()


@contextlib.contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        try:
            path.unlink(missing_ok=True)
            listener.bind(str(path))
            # Anybody may knock: whom the kernel says it is decides.
            path.chmod(0o666)
            listener.listen(4)
        except OSError as error:
            raise _CannotListenError(
                f"{path}: cannot be listened on: {error.strerror}; the folder must be this user's"
            ) from error
        listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
        yield listener


def _allowed(user: str) -> set[int]:
    allowed = {os.geteuid()}
    with contextlib.suppress(KeyError):
        allowed.add(pwd.getpwnam(user).pw_uid)
    return allowed


async def _received(loop: asyncio.AbstractEventLoop, peer: socket.socket, most_bytes: int) -> bytes:
    """The next message; empty when the other end is gone. A byte more than allowed shows that there was more."""
    try:
        return await loop.sock_recv(peer, most_bytes + 1)
    except OSError:
        return b""
