# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat_agent.check import Failure
from support.checking import once, server


def packet(kind, content=b""):
    return struct.pack("!HHBBH", 8 + len(content), 0, kind, 0, 0) + content


def refused(number):
    text = f"(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR={number})(ERROR_STACK=(ERROR=(CODE={number})(EMFI=4))))".encode()
    return packet(4, struct.pack("!BBH", 34, 0, len(text)) + text)


PING = refused(0)
ACCEPT = packet(2, struct.pack("!HHHHHHHH", 314, 0, 8192, 32767, 1, 0, 32, 0x4141) + bytes(8))


def listener(answers, heard):
    """A listener that gives these answers in turn, and understands what it is asked by the lengths that stand in it."""

    async def talk(reader, writer):
        for answer in answers:
            head = await reader.readexactly(8)
            packet = head + await reader.readexactly(int.from_bytes(head[:2], "big") - 8)
            length, offset = struct.unpack_from("!HH", packet, 24)
            heard.append((head[4], packet[offset : offset + length].decode()))
            writer.write(answer)
        await reader.read(10)

    return talk


async def test_a_listener_is_asked_for_a_sign_of_life_or_for_a_service():
    heard = []
    async with server(listener([PING], heard)) as address:
        alive = await once(what="oracle", target=address)
    async with server(listener([packet(11), ACCEPT], heard)) as address:
        service = await once(what="oracle", target=address, service="HOSO.example")
    async with server(listener([packet(5, b"\0\x2a(ADDRESS=...)")], heard)) as address:
        elsewhere = await once(what="oracle", target=address, service="HOSO")

    assert [each.reason for each in (alive, service, elsewhere)] == ["", "", ""]
    assert heard[0] == (1, "(DESCRIPTION=(CONNECT_DATA=(COMMAND=ping)))")
    assert heard[1] == heard[2], "what it wants to hear again it hears again"
    assert "(SERVICE_NAME=HOSO.example)" in heard[1][1]


@pytest.mark.parametrize(
    ("answer", "failure", "said"),
    [
        (
            refused(12514),
            Failure.WRONG_ANSWER,
            "does not know this service; is the database up and registered? (ORA-12514)",
        ),
        (refused(12528), Failure.WRONG_ANSWER, "(ORA-12528)"),
        (refused(1189), Failure.REFUSED, "the listener refuses (ORA-01189)"),
        (refused(0), Failure.REFUSED, "(ORA-00000)"),
        (packet(4, b"\0\0\0\x03huh"), Failure.WRONG_ANSWER, "without a number: huh"),
        (packet(6), Failure.WRONG_ANSWER, "does not speak"),
        (packet(11), Failure.WRONG_ANSWER, "closed the connection"),
        (b"\0\x02\0\0\x02\0\0\0", Failure.WRONG_ANSWER, "does not speak"),
    ],
)
async def test_what_a_listener_refuses_with_is_said(answer, failure, said):
    async def talk(reader, writer):
        await reader.read(1000)
        writer.write(answer)

    async with server(talk) as address:
        result = await once(what="oracle", target=address, service="HOSO")

    assert result.failure is failure
    assert said in result.reason
