# SPDX-License-Identifier: Apache-2.0
import pytest
from fastapi import FastAPI, Request

from giamsat_collector.console.ticket import COOKIE, Handing, hand_over, held
from support.console import Client


@pytest.fixture
def client():
    """Somebody whose every request gets a new token on the way; /fail fails then."""
    app = FastAPI()

    @app.get("/{what}")
    async def answer(request: Request, what: str) -> str:
        old = held(request)
        hand_over(request, "new")
        assert what == "go on"
        return f"{old} {held(request)}"

    client = Client(Handing(app), {})
    client.cookies = {COOKIE: "old"}
    return client


async def test_a_request_goes_on_with_the_token_it_got(client):
    answer = await client.get("/go on")

    assert (answer.json, client.cookies) == ("old new", {COOKIE: "new"})


async def test_an_answer_that_tells_of_an_error_brings_the_token_too(client):
    answer = await client.get("/fail")

    assert (answer.status, client.cookies) == (500, {COOKIE: "new"})
