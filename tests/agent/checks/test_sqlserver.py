# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat_agent.check import Failure
from support.checking import once, server, values


def answer(encryption=1, *, kind=4, options=None):
    """An answer to a pre-login as a server of 2022 gives it: version, encryption, instance, thread, MARS."""
    parts = ((0, struct.pack("!BBHH", 16, 0, 1000, 0)), (1, bytes([encryption])), (2, b"\0"), (3, b""), (4, b"\0"))
    heads, content, at = b"", b"", 5 * len(parts) + 1
    for token, value in parts:
        heads += struct.pack("!BHH", token, at + len(content), len(value))
        content += value
    body = (heads if options is None else options) + b"\xff" + content
    return struct.pack("!BBHHBB", kind, 1, 8 + len(body), 0, 1, 0) + body


def talking(reply, heard):
    async def talk(reader, writer):
        heard.append(await reader.readexactly(8))
        heard.append(await reader.readexactly(int.from_bytes(heard[0][2:4], "big") - 8))
        writer.write(reply)
        await reader.read(10)

    return talk


async def test_a_server_that_answers_a_pre_login_is_up_and_says_its_version():
    heard = []
    async with server(talking(answer(), heard)) as address:
        result = await once(what="sqlserver", target=address)

    assert result.reason == ""
    assert values(result)["giamsat_check_server_info", "16.0.1000"] == 1
    head, asked = heard
    assert (head[0], head[1]) == (0x12, 1)
    tokens = {asked[at]: struct.unpack_from("!HH", asked, at + 1) for at in range(0, 20, 5)}
    assert set(tokens) == {0, 1, 2, 3}
    assert asked[20] == 0xFF
    assert all(offset + length <= len(asked) for offset, length in tokens.values())


@pytest.mark.parametrize(
    ("reply", "more", "failure"),
    [
        (answer(2), {}, Failure.UNTRUSTED),
        (answer(2), {"tls": False}, None),
        (answer(kind=0x12), {}, Failure.WRONG_ANSWER),
        (answer(options=b"\x00\xff\xff\x00\x06" * 40), {}, Failure.WRONG_ANSWER),
        (answer()[:20], {"timeout_s": 0.3, "interval_s": 5}, Failure.TIMED_OUT),
        (b"\x04\x01\x00\x08\0\0\0\0", {}, Failure.WRONG_ANSWER),
        (b"HTTP/1.1 400 Bad", {}, Failure.WRONG_ANSWER),
    ],
)
async def test_what_is_not_safe_or_is_another_server_is_told_apart(reply, more, failure):
    async with server(talking(reply, [])) as address:
        result = await once(what="sqlserver", target=address, **more)

    assert result.failure is failure
