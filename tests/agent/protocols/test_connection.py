# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.check import Run, UnreachableError, WrongAnswerError
from giamsat_agent.protocols.connection import AT_ONCE, opened, resolve
from giamsat_wire.clock import SystemClock
from support.checking import server


async def test_a_name_is_resolved_and_its_addresses_are_tried_in_turn(free_ports):
    async def hello(reader, writer):
        writer.write(b"hello")
        await reader.read(1)

    run = Run(SystemClock())
    async with server(hello) as address:
        port = int(address.rpartition(":")[2])
        async with opened(run, "localhost", port) as connection:
            assert await connection.exactly(5) == b"hello"

    figures = {sample.name: sample.value for sample in run.samples}
    assert figures["probe_ip_protocol"] == 4
    assert figures["probe_dns_lookup_time_seconds"] >= 0


async def test_more_than_is_held_is_not_taken():
    async def flood(reader, writer):
        writer.write(b"a" * (4 * AT_ONCE))
        await reader.read(1)

    async with server(flood) as address, opened(Run(SystemClock()), "127.0.0.1", int(address[10:])) as connection:
        with pytest.raises(WrongAnswerError, match="announces"):
            await connection.exactly(AT_ONCE + 1)
        with pytest.raises(WrongAnswerError, match="without an end"):
            await connection.until(b"\n")
        assert len(await connection.some()) <= AT_ONCE


async def test_a_broken_connection_is_a_wrong_answer_that_says_so():
    async def reset(reader, writer):
        writer.transport.abort()

    async with server(reset) as address, opened(Run(SystemClock()), "127.0.0.1", int(address[10:])) as connection:
        with pytest.raises(WrongAnswerError, match=r"closed the connection|connection broke"):
            await connection.until(b"\n")


async def test_numbers_are_not_looked_up():
    run = Run(SystemClock())
    ((_, address),) = await resolve(run, "::1", 25)

    assert (address[:2], run.stuck) == (("::1", 25), None)
    with pytest.raises(UnreachableError):
        await resolve(run, "a..b", 25)
