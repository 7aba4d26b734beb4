# SPDX-License-Identifier: Apache-2.0
import threading

import pytest

from giamsat_collector.console.pages import Pages
from support.console import Console


@pytest.fixture
def console():
    console = Console()
    yield console
    console.close()


async def test_the_language_of_the_address_is_kept(console):
    client = console.client()

    assert '<html lang="vi">' in (await client.get("/login")).text
    assert '<html lang="en">' in (await client.get("/login?lang=en")).text
    assert '<html lang="en">' in (await client.get("/login", accept_language="vi")).text


async def test_a_language_that_does_not_exist_changes_nothing(console):
    client = console.client()
    answer = await client.get("/login?lang=%3Cscript%3E")

    assert '<html lang="vi">' in answer.text
    assert client.cookies == {}


async def test_cookies_are_for_this_host_over_tls_only_and_out_of_reach_of_scripts(console):
    console.has_user()
    client = console.client()
    first = await client.get("/login?lang=en")
    answer = await client.post("/login", {"name": "admin", "password": "một câu dài dễ nhớ"})

    for cookie in (first.header("set-cookie"), answer.header("set-cookie")):
        assert cookie.startswith("__Host-gs")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


async def test_a_page_that_refreshes_itself_gets_its_changing_part_only(console):
    console.has_user()
    client = await console.logged_in()
    whole, part = await client.get("/alerts"), await client.get("/alerts", x_gs_live="1")

    assert "<html" in whole.text
    assert "<html" not in part.text
    assert "X-GS-Live" in part.header("vary")


@pytest.mark.parametrize("path", ["/alerts", "/hosts", "/coverage", "/sources", "/sightings", "/handover"])
async def test_pages_of_many_rows_are_made_beside_the_event_loop(console, monkeypatch, path):
    console.has_user()
    client, where, page = await console.logged_in(), [], Pages.page

    def seen(*given, **named):
        where.append(threading.get_ident())
        return page(*given, **named)

    monkeypatch.setattr(Pages, "page", seen)
    answer = await client.get(path)

    assert (answer.status, len(where)) == (200, 1)
    assert where != [threading.get_ident()]
