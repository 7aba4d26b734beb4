# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from support.console import Console


@pytest.fixture
def console():
    console = Console()
    yield console
    console.close()


async def test_every_file_a_page_names_is_there_and_may_be_kept_for_ever(console):
    console.has_user()
    page = await (await console.logged_in()).get("/alerts")
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)

    assert len(addresses) >= 6
    for address in addresses:
        answer = await console.client().get(address)

        assert answer.status == 200
        assert answer.header("cache-control") == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/static/old/console.css", "/static/../app.py", "/static/x/%2e%2e/app.py"])
async def test_nothing_else_is_served(console, path):
    assert (await console.client().get(path)).status == 404


async def test_a_browser_that_asks_for_an_icon_by_habit_is_led_to_it(console):
    answer = await console.client().get("/favicon.ico")

    assert answer.header("location").endswith("/favicon.svg")
