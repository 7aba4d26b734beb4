# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib

import pytest

from giamsat_agent.check import Failure
from support.checking import once, server, values
from support.daemons import name_server


@pytest.fixture(scope="module")
def port():
    long = [f"--txt-record=big.example,{'x' * 200}{number}" for number in range(10)]
    with name_server("--host-record=dvc.example,192.0.2.5", "--mx-host=example,mail.example,10", *long) as port:
        yield port


def ask(port, query, **more):
    return once(what="dns", target=f"127.0.0.1:{port}", query=query, **more)


@pytest.mark.peer("dnsmasq")
async def test_a_name_server_that_answers_is_a_success_with_its_figures(port):
    result = await ask(port, "DVC.example", answers_have=["192.0.2.5"])
    found = values(result)

    assert (result.failure, result.reason) == (None, "")
    assert found["probe_dns_query_succeeded"] == found["probe_dns_answer_rrs"] == 1
    assert found["probe_dns_duration_seconds", "request"] > 0


@pytest.mark.peer("dnsmasq")
@pytest.mark.parametrize(
    ("query", "more", "said"),
    [
        ("dvc.example", {"answers_have": ["192.0.2.6"]}, "lacks '192.0.2.6'; it says '192.0.2.5'"),
        ("none.example", {}, "answers NXDOMAIN in place of NOERROR"),
        ("dvc.example", {"record": "AAAA"}, "knows no AAAA of dvc.example"),
        ("elsewhere.test", {}, "answers REFUSED in place of NOERROR"),
    ],
)
async def test_what_is_wrong_is_said(port, query, more, said):
    result = await ask(port, query, **more)

    assert result.failure is Failure.WRONG_ANSWER
    assert said in result.reason


@pytest.mark.peer("dnsmasq")
async def test_other_records_are_read_and_long_answers_fetched_by_tcp(port):
    mail = await ask(port, "example", record="MX", answers_have=["10 mail.example."])
    long = await ask(port, "big.example", record="TXT", answers_have=["x" * 200 + "9"])
    gone = await ask(port, "none.example", rcode="NXDOMAIN")

    assert [each.reason for each in (mail, long, gone)] == ["", "", ""]
    assert values(long)["probe_dns_answer_rrs"] == 10


async def test_nobody_there_and_silence_are_different_failures(free_ports):
    (port,) = free_ports(1)
    nobody = await ask(port, "a.example")
    async with forging(lambda data: []) as silent:
        silence = await ask(silent, "a.example", timeout_s=0.3)

    assert (nobody.failure, silence.failure) == (Failure.UNREACHABLE, Failure.TIMED_OUT)
    assert values(nobody)["probe_dns_query_succeeded"] == 0


@contextlib.asynccontextmanager
async def forging(answers):
    """A server that answers each datagram with those of a function."""

    class Protocol(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, addr):
            for answer in answers(data):
                self.transport.sendto(answer, addr)

    made, _ = await asyncio.get_running_loop().create_datagram_endpoint(Protocol, local_addr=("127.0.0.1", 0))
    yield made.get_extra_info("sockname")[1]
    made.close()


async def test_forged_and_broken_answers_are_passed_by():
    def answers(asked):
        head = b"\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00"
        record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04"
        right = asked[:2] + head + asked[12:] + record + bytes([192, 0, 2, 9])
        other_number = bytes([asked[0] ^ 1, asked[1]]) + right[2:]
        other_name = right.replace(b"\x03dvc", b"\x03dvd")
        loop = asked[:2] + head + asked[12:] + b"\xc0" + bytes([len(asked)]) + record[2:]
        return [b"", b"\0" * 12, asked, other_number, other_name, right[:-3], loop[:20], right]

    async with forging(answers) as port:
        result = await ask(port, "dvc.example", answers_have=["192.0.2.9"])

    assert result.reason == ""


async def test_a_tcp_answer_longer_than_is_held_is_refused():
    async def talk(reader, writer):
        await reader.read(10)
        writer.write(b"\xff\xff" + b"a" * 70_000)

    async with server(talk) as address:
        port = int(address.rpartition(":")[2])

        def cut(asked):
            return [asked[:2] + b"\x86\x00\x00\x01" + bytes(6) + asked[12:]]

        loop = asyncio.get_running_loop()

        class Protocol(asyncio.DatagramProtocol):
            def connection_made(self, transport):
                self.transport = transport

            def datagram_received(self, data, addr):
                self.transport.sendto(cut(data)[0], addr)

        made, _ = await loop.create_datagram_endpoint(Protocol, local_addr=("127.0.0.1", port))
        result = await ask(port, "a.example")
        made.close()

    assert result.reason == "what it says by TCP is no answer to the question"
