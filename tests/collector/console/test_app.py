# SPDX-License-Identifier: Apache-2.0
import pytest
from fastapi import APIRouter

from giamsat_collector.console.app import create_app
from support.console import THEME, Client, Console


@pytest.fixture
def console():
    console = Console()
    yield console
    console.close()


async def test_other_routers_are_served_under_the_same_headers(console):
    other = APIRouter()

    @other.get("/metrics")
    async def metrics():
        return "page"

    answer = await Client(create_app(console.services, THEME, [other]), {}).get("/metrics")

    assert answer.status == 200
    assert answer.header("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_the_console_describes_itself_to_nobody(console, path):
    assert (await console.client().get(path)).status == 404


async def test_the_address_alone_leads_to_the_queue(console):
    answer = await console.client().get("/")

    assert (answer.status, answer.header("location")) == (303, "/alerts")
