# SPDX-License-Identifier: Apache-2.0
import asyncio

from giamsat_agent.check import Failure
from support.checking import once, server, values


async def echo(reader, writer):
    writer.write(b"220 ready\r\n")
    line = await reader.readline()
    writer.write(b"you said " + line)
    await reader.read()


async def flood(reader, writer):
    while True:
        writer.write(b"a" * 4096)
        await writer.drain()


async def test_a_port_that_takes_the_connection_is_enough_when_nothing_is_expected():
    async with server(echo) as address:
        result = await once(what="tcp", target=address)

    assert result.failure is None
    assert values(result)["probe_ip_protocol"] == 4


async def test_what_is_expected_may_come_in_pieces_and_after_something_was_said():
    async with server(echo) as address:
        right = await once(what="tcp", target=address, send="PING\r\n", expect="said PING")
        wrong = await once(what="tcp", target=address, expect="+PONG", timeout_s=0.3)

    assert right.failure is None
    assert values(right)["probe_failed_due_to_regex"] == 0
    assert wrong.failure is Failure.TIMED_OUT


async def test_a_flood_ends_at_the_bound():
    async with asyncio.timeout(60), server(flood) as address:
        result = await once(what="tcp", target=address, expect="+PONG")

    assert result.reason.startswith("it does not say '+PONG'; it begins with 'aaaa")


async def test_a_port_is_needed():
    assert "write it as HOST:PORT" in (await once(what="tcp", target="127.0.0.1")).reason
