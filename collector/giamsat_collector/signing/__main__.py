# SPDX-License-Identifier: Apache-2.0
"""The signer: `python -m giamsat_collector.signing FOLDER SOCKET [--for USER] [--child]`.

It holds the keys of the certificate authority in FOLDER and signs what the collector, which runs as USER, asks for on
SOCKET. As a child it ends with whoever holds the other end of its standard input.
"""

import argparse
import asyncio
import contextlib
import ctypes
import logging
import os
import pwd
import signal
import sys
from pathlib import Path
from typing import Final

import structlog

from giamsat_collector.errors import CollectorError, StartError
from giamsat_collector.signing.authority import open_authority
from giamsat_collector.signing.decision import Decision
from giamsat_collector.signing.desk import Desk, told
from giamsat_collector.signing.journal import Journal
from giamsat_collector.signing.server import rights, serve
from giamsat_wire.clock import SystemClock
from giamsat_wire.supervision import Supervisor

log = structlog.get_logger()

_SET_DUMPABLE: Final = 4
ALIVE_S: Final = 20.0


async def run(folder: Path, at: Path, collector: int | None, *, child: bool) -> None:
    """Sign until SIGTERM, or until the parent is gone."""
    clock, stopped = SystemClock(), asyncio.Event()
    decision = Decision()
    authority = open_authority(folder, clock)
    try:
        journal = Journal(folder, told(decision))
    except OSError as error:
        raise StartError(
            f"{folder}: the journal cannot be opened: {error.strerror or error}; the signer's user has to be able to "
            "write there, and the disk to have room"
        ) from error
    desk, supervisor = Desk(authority, decision, journal, clock), Supervisor(clock)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    if child:
        loop.add_reader(sys.stdin.fileno(), stopped.set)
    with contextlib.closing(journal):
        async with serve(at, desk, rights(os.getuid(), collector)):
            log.info("signer_started", issued=journal.lines, agents=decision.agents, broken=journal.broken)
            supervisor.ready()
            while not stopped.is_set():
                supervisor.alive()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(ALIVE_S):
                        await stopped.wait()
            supervisor.stopping()


def main() -> None:
    """Start, or say in one message why not."""
    words = argparse.ArgumentParser(prog="giamsat-signer", description="Holds the keys of the certificate authority.")
    words.add_argument("folder", type=Path)
    words.add_argument("socket", type=Path)
    words.add_argument("--for", dest="user", help="the user the collector runs as")
    words.add_argument("--child", action="store_true", help="end with the other end of standard input")
    given = words.parse_args()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    # Not even a process of the same user may read the memory in which the keys are, or make it write a core file.
    ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    os.umask(0o077)
    try:
        collector = None if given.user is None else _uid(given.user)
        asyncio.run(run(given.folder, given.socket, collector, child=given.child))
    except CollectorError as error:
        print(f"giamsat-signer: {error}", file=sys.stderr)  # noqa: T201 - the one line a person waits for
        raise SystemExit(1) from error


def _uid(user: str) -> int:
    try:
        return int(user) if user.isdecimal() else pwd.getpwnam(user).pw_uid
    except KeyError as error:
        raise StartError(f"--for {user}: there is no such user; make it, or name another one") from error


if __name__ == "__main__":
    main()
