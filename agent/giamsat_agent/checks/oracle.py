# SPDX-License-Identifier: Apache-2.0
"""An Oracle listener: whether it answers, and with a service whether it hands a session of it over. Nobody logs in.

The Transparent Network Substrate, as listeners speak it: a connect packet, answered with accept, redirect or refuse.
Without a service the listener is asked as `tnsping` asks: that it refuses with error 0 is its way of saying yes.
"""

import re
import struct
from typing import Final

from giamsat_agent.address import split
from giamsat_agent.check import RefusedError, Run, WrongAnswerError, shorten
from giamsat_agent.check_settings import Oracle
from giamsat_agent.protocols.connection import Connection, opened

PORT: Final = 1521
CONNECT, ACCEPT, REFUSE, REDIRECT, RESEND = 1, 2, 4, 5, 11
HEAD, OFFSET = 8, 58
VERSION, OLDEST, SESSION_BYTES, TRANSPORT_BYTES, CHARACTERISTICS = 314, 300, 8192, 32767, 0x7F08
SENTENCE: Final = 12
"""Bytes of a refusal before its sentence: the head, two reasons, the length."""
ERROR: Final = re.compile(r"\(ERR=(\d{1,9})\)", re.ASCII)
MEANING: Final = {
    12505: "the listener does not know this SID",
    12514: "the listener does not know this service; is the database up and registered?",
    12516: "every handler of this service is busy",
    12518: "the listener could not hand the session over",
    12519: "no handler of this service is free",
    12520: "no handler of this service is free",
    12526: "the instance is in restricted mode",
    12527: "the instance is in restricted mode",
    12528: "the instance takes no sessions now: it is starting, or mounted only",
}
OTHER: Final = "it does not speak the protocol of an Oracle listener"


class OracleCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Oracle) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Ask for a session, or only whether the listener is there."""
        host, port = split(self._its.target, PORT)
        asked = connect(self._its.service)
        async with opened(run, host, port) as connection:
            await connection.send(asked)
            kind, packet = await _packet(connection)
            if kind == RESEND:
                await connection.send(asked)
                kind, packet = await _packet(connection)
        if kind == REFUSE:
            self._judge(packet)
        elif kind not in {ACCEPT, REDIRECT}:
            raise WrongAnswerError(OTHER)

    def _judge(self, packet: bytes) -> None:
        text = packet[SENTENCE:].decode("latin-1")
        found = ERROR.search(text)
        if found is None:
            raise WrongAnswerError(f"the listener refuses without a number: {shorten(text)}")
        number = int(found[1])
        if number == 0 and not self._its.service:
            return
        error = WrongAnswerError if number in MEANING else RefusedError
        raise error(f"{MEANING.get(number, 'the listener refuses')} (ORA-{number:05})")


def connect(service: str) -> bytes:
    """A connect packet for a session of a service, or without one for a sign of life."""
    wanted = f"(SERVICE_NAME={service})(CID=(PROGRAM=giamsat)(HOST=)(USER=giamsat))" if service else "(COMMAND=ping)"
    told = f"(DESCRIPTION=(CONNECT_DATA={wanted}))".encode()
    about = (VERSION, OLDEST, 0, SESSION_BYTES, TRANSPORT_BYTES, CHARACTERISTICS, 0, 1, len(told), OFFSET)
    head = struct.pack("!HHBBH", OFFSET + len(told), 0, CONNECT, 0, 0)
    return (head + struct.pack("!10H", *about)).ljust(OFFSET, b"\0") + told


async def _packet(connection: Connection) -> tuple[int, bytes]:
    """The kind of the next packet, and all of it."""
    head = await connection.exactly(HEAD)
    length, kind = struct.unpack("!H2xB3x", head)
    if length < HEAD:
        raise WrongAnswerError(OTHER)
    return kind, head + await connection.exactly(length - HEAD)
