# SPDX-License-Identifier: Apache-2.0
import asyncio

import pytest
from fastapi import Request

from giamsat_collector.console import users
from giamsat_collector.console.authentication import Authentication
from giamsat_collector.console.guard import Guard
from giamsat_collector.console.routes.events import LOADS, REST_S, STREAMS, messages, rest_s
from support.console import Console


@pytest.fixture
async def stream():
    """The messages one logged-in page hears, with the console it listens to."""
    console = Console()
    console.has_user()
    client = await console.logged_in()
    request = Request(client.scope("GET", "/events", headers={"x-gs-live": "1"}))
    heard = messages(
        console.services, Guard(console.services, Authentication(console.services)), request, lambda: REST_S
    )
    yield console, heard
    await heard.aclose()
    console.close()


async def test_a_page_hears_at_once_and_at_every_change(stream):
    console, heard = stream
    first = await anext(heard)

    console.news.publish()
    async with asyncio.timeout(60):
        second = await anext(heard)

    assert first == second == b"event: alerts\ndata: -\n\n"


async def test_many_changes_in_a_moment_are_one_message(stream):
    console, heard = stream
    await anext(heard)
    for _ in range(1_000):
        console.news.publish()
    await anext(heard)
    console.news.close()

    assert [message async for message in heard] == []


async def test_a_page_hears_that_its_session_is_over(stream):
    console, heard = stream
    await anext(heard)
    console.store.now(lambda rows: users.disable(rows, "admin", 1))
    console.news.publish()

    assert [message async for message in heard] == [b"event: session-over\ndata: -\n\n"]


async def test_streams_end_when_the_collector_stops(stream):
    console, heard = stream
    await anext(heard)
    console.news.close()

    async with asyncio.timeout(60):
        assert [message async for message in heard] == []


@pytest.mark.parametrize("pages", [1, 5, 50, STREAMS])
def test_however_many_pages_are_open_they_load_no_more_often_together_in_a_storm(pages):
    assert rest_s(pages) >= REST_S
    assert pages / rest_s(pages) <= LOADS
