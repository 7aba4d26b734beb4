# SPDX-License-Identifier: Apache-2.0
import asyncio

import pytest

from giamsat_agent.check import Run, UnreachableError
from giamsat_agent.protocols.datagram import line
from giamsat_wire.clock import SystemClock


class Echo(asyncio.DatagramProtocol):
    def __init__(self, lost):
        self.lost = lost

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        if self.lost:
            self.lost -= 1
        else:
            self.transport.sendto(b"no", addr)
            self.transport.sendto(data.upper(), addr)


async def test_a_lost_question_is_asked_again_and_other_answers_are_passed_by(monkeypatch):
    monkeypatch.setattr(
        "giamsat_agent.protocols.datagram.AGAIN_S", 0.05
    )  # the tests do not wait as long as the agent does
    loop = asyncio.get_running_loop()
    made, _ = await loop.create_datagram_endpoint(lambda: Echo(2), local_addr=("127.0.0.1", 0))
    async with line(Run(SystemClock()), "127.0.0.1", made.get_extra_info("sockname")[1]) as there:
        answer = await there.ask(b"hello", lambda data: data if data == b"HELLO" else None)
    made.close()

    assert answer == b"HELLO"


async def test_a_port_nobody_listens_on_is_unreachable(free_ports):
    (port,) = free_ports(1)
    async with line(Run(SystemClock()), "127.0.0.1", port) as there:
        with pytest.raises(UnreachableError, match="nobody listens on that port"):
            await there.ask(b"hello", lambda data: data)
