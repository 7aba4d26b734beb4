# SPDX-License-Identifier: Apache-2.0
"""Over plain connections to the real server: TLS is the business of test_web."""

import asyncio

import pytest
import uvicorn

from giamsat_collector import request_timeout
from giamsat_collector.https_server import listen
from giamsat_collector.request_timeout import PatientProtocol


async def app(_scope, receive, send):
    """Answers a while after it has the whole request."""
    while (await receive()).get("more_body"):
        pass
    await asyncio.sleep(0.2)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"at last"})


@pytest.fixture
async def port():
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, http=PatientProtocol, log_config=None, lifespan="off"))
        serving = asyncio.ensure_future(server._serve([listener]))
        yield listener.getsockname()[1]
        server.should_exit = True
        await serving


async def ask(port, request):
    """Everything that comes until the other end closes."""
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = b""
        try:
            while piece := await reader.read(1 << 16):
                answer += piece
        except ConnectionResetError:
            pass
        writer.close()
        return answer


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost:",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
        b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\nG",
    ],
    ids=["nothing", "half a head", "no body", "half a second one"],
)
async def test_who_does_not_get_on_with_a_request_makes_room(port, monkeypatch, begun):
    monkeypatch.setattr(request_timeout, "PATIENCE_S", 0.05)

    await ask(port, begun)  # reads until the other end closes


async def test_an_answer_may_take_longer_than_a_request(port, monkeypatch):
    monkeypatch.setattr(request_timeout, "PATIENCE_S", 0.1)

    answer = await ask(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert b"at last" in answer
