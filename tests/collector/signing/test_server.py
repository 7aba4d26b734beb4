# SPDX-License-Identifier: Apache-2.0
import asyncio
import json
import os
import socket

import pytest

from giamsat_collector.errors import StartError
from giamsat_collector.signing.desk import Right
from giamsat_collector.signing.server import REQUEST_BYTES, rights, serve
from support.authority import open_authority
from support.clock import ManualClock


@pytest.fixture
async def place(tmp_path):
    desk = open_authority(tmp_path / "ca", ManualClock()).desk
    async with serve(tmp_path / "s", desk, lambda uid: Right.SIGN if uid == os.getuid() else Right.NOTHING):
        yield tmp_path / "s"


async def said(place, line):
    reader, writer = await asyncio.open_unix_connection(place)
    writer.write(line)
    answer = json.loads(await reader.readline())
    writer.close()
    return answer


def test_root_and_the_signer_itself_administer_the_collector_signs_and_nobody_else_is_served():
    right = rights(900, 901)

    assert [right(uid) for uid in (0, 900, 901, 902, 1000)] == [
        Right.ADMINISTER,
        Right.ADMINISTER,
        Right.SIGN,
        Right.NOTHING,
        Right.NOTHING,
    ]
    assert rights(900, None)(901) is Right.NOTHING


async def test_a_line_is_answered_by_a_line(place):
    assert (await said(place, b'{"do": "roots"}\n'))["version"] == 1
    assert (await said(place, b"[1]\n"))["refused"] == "request"
    assert (await said(place, b"\xff\xfe\n"))["refused"] == "request"
    assert (await said(place, b"[" * 20_000 + b"\n"))["refused"] == "request"


async def test_a_request_without_end_is_cut_off_and_others_are_served(place):
    reader, writer = await asyncio.open_unix_connection(place)
    writer.write(b"x" * (2 * REQUEST_BYTES))

    assert await reader.read() == b""
    assert (await said(place, b'{"do": "roots"}\n'))["version"] == 1
    writer.close()


async def test_a_socket_of_a_signer_that_was_killed_is_replaced(tmp_path):
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "s"))
    left.close()
    desk = open_authority(tmp_path / "ca", ManualClock()).desk

    async with serve(tmp_path / "s", desk, lambda _: Right.SIGN):
        assert (await said(tmp_path / "s", b'{"do": "roots"}\n'))["version"] == 1


async def test_a_place_where_no_socket_can_be_made_is_said(tmp_path):
    with pytest.raises(StartError, match="cannot be made"):
        async with serve(tmp_path / "none" / "s", None, lambda _: Right.SIGN):
            pass
