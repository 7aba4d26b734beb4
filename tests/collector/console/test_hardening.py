# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console.hardening import BODY_BYTES, HEADERS, Hardened, from_here
from support.console import HERE, Client, Console

CROSS = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": f"https://{HERE}"},
    {"sec-fetch-site": "none"},
    {"origin": "https://evil.test"},
    {"origin": "null"},
    {},
]


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    yield console
    console.close()


@pytest.mark.parametrize("path", ["/login", "/alerts", "/nope", "/api/v1/alerts", "/events", "/static/x/y.css"])
async def test_every_answer_carries_the_headers(console, path):
    answer = await console.client().get(path)

    for name, value in HEADERS.items():
        assert answer.header(name.decode()) == value.decode(), name


@pytest.mark.parametrize("headers", CROSS)
async def test_another_site_changes_nothing(console, headers):
    client = console.client(**headers)

    answer = await client.ask("POST", "/login", b"name=admin", {"content-type": "application/x-www-form-urlencoded"})

    assert answer.status == 403
    assert answer.header("x-content-type-options") == "nosniff"


def test_an_old_browser_is_believed_by_its_origin():
    assert from_here({b"origin": f"https://{HERE}", b"host": HERE})
    assert not from_here({})


@pytest.mark.parametrize("length", [str(BODY_BYTES + 1), "-1", "x", "9" * 50])
async def test_a_body_that_is_too_large_is_refused_unread(console, length):
    answer = await console.client().post("/login", {}, **{"content-length": length})

    assert answer.status == 413


async def test_a_body_of_unknown_length_is_cut_off():
    taken = []

    async def app(scope, receive, send):
        while (message := await receive())["type"] == "http.request":
            taken.append(len(message["body"]))
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    scope = Client(app, {}).scope("POST", "/", headers={"sec-fetch-site": "same-origin"})
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"x" * 10_000, "more_body": True}

    async def send(message):
        sent.append(message)

    await Hardened(app, lambda *_: app)(scope, receive, send)

    assert sum(taken) <= BODY_BYTES
    assert sent[0]["status"] == 400
