# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
import json
import os
import threading
from pathlib import Path

import pytest

from giamsat_collector.control.caller import caller
from giamsat_collector.control.client import NotRunningError, ask
from giamsat_collector.control.server import serve
from giamsat_collector.errors import RefusedError, StartError


async def double(number):
    return number * 2


async def refuse():
    raise RefusedError("no such alert: {alert_id}; 'giamsat-collector alerts list' shows them", alert_id="abc")


async def who(caller):
    return caller.name


async def nothing(*_):
    pass


COMMANDS = {"double": double, "refuse": refuse, "who": who}


@pytest.fixture
async def path(tmp_path):
    path = tmp_path / "control.sock"
    async with serve(path, COMMANDS, nothing):
        yield path


async def test_a_command_is_answered(path):
    assert await asyncio.to_thread(ask, path, "double", number=21) == 42


async def test_an_answer_is_written_out_beside_the_event_loop(path, monkeypatch):
    where, dumps = [], json.dumps
    monkeypatch.setattr(json, "dumps", lambda *said, **how: where.append(threading.get_ident()) or dumps(*said, **how))
    here = threading.get_ident()

    assert await asyncio.to_thread(ask, path, "double", number=21) == 42
    assert where
    assert here not in where


async def test_what_was_carried_out_is_heard_of_and_what_was_refused_is_not(tmp_path):
    heard = []

    async def done(command, arguments, by):
        heard.append((command, dict(arguments), by.name))

    async with serve(tmp_path / "s", COMMANDS, done):
        await asyncio.to_thread(ask, tmp_path / "s", "double", number=21)
        with pytest.raises(RefusedError):
            await asyncio.to_thread(ask, tmp_path / "s", "refuse")

    assert heard == [("double", {"number": 21}, caller(Path("/proc/self"), os.getuid()).name)]


async def test_a_refusal_reaches_the_person_as_its_sentence_in_both_languages(path):
    with pytest.raises(RefusedError, match=r"không có cảnh báo abc; .* / no such alert: abc"):
        await asyncio.to_thread(ask, path, "refuse")


async def test_an_unknown_command_is_answered_with_those_there_are(path):
    with pytest.raises(RefusedError, match="double, refuse, who"):
        await asyncio.to_thread(ask, path, "doubel")


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{}", b'{"do":[]}', b'{"do":' + b"[" * 30_000], ids=lambda line: str(len(line))
)
async def test_what_is_no_request_is_answered_and_the_next_one_is_too(path, line):
    reader, writer = await asyncio.open_unix_connection(str(path))
    with contextlib.closing(writer):
        writer.write(line + b"\n")
        refused = json.loads(await reader.readline())
        writer.write(b'{"do":"double","with":{"number":1}}\n')
        answered = json.loads(await reader.readline())

    assert (refused, answered) == ({"error": "not a request; the commands are double, refuse, who"}, {"ok": 2})


async def test_wrong_arguments_do_not_stop_the_collector(path):
    with pytest.raises(RefusedError, match="double"):
        await asyncio.to_thread(ask, path, "double", wrong=1)

    assert await asyncio.to_thread(ask, path, "double", number=1) == 2


async def test_who_asks_is_what_the_kernel_says_and_not_what_the_client_says(path):
    known = caller(Path("/proc/self"), os.getuid()).name

    assert await asyncio.to_thread(ask, path, "who", caller="somebody else") == known


async def test_only_the_owner_can_connect(path):
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_a_collector_the_next_step_is_said(tmp_path):
    with pytest.raises(NotRunningError, match="giamsat-collector run"):
        ask(tmp_path / "control.sock", "double", number=1)


async def test_a_folder_whose_path_is_too_long_is_said_with_the_setting_to_change(tmp_path):
    with pytest.raises(StartError, match="too long; set 'data' to"):
        async with serve(tmp_path / ("x" * 120), COMMANDS, nothing):
            pass
