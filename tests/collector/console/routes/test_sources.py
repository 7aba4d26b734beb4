# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console.host import HostStatus
from giamsat_wire.source import Counts
from support.console import Console


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.place()
    yield console
    console.close()


def stops(console, source="/var/log/<b>auth</b>.log"):
    console.books.take(1, "A1", at_ns=console.clock.wall_ns(), told={source: Counts(0, up=False)})


async def test_a_source_that_stopped_is_shown_with_its_host_and_the_next_step(console):
    stops(console)
    client = await console.logged_in()
    page, coverage = await client.get("/sources"), await client.get("/coverage")

    assert "1 nguồn cần xử lý" in page.text
    assert "/var/log/&lt;b&gt;auth&lt;/b&gt;.log" in page.text
    assert '<a href="/hosts/A1"><bdi>máy-chủ-1</bdi></a>' in page.text
    assert "giamsat-agent doctor" in page.text
    assert '<a href="/sources">1 nguồn cần xử lý</a>' in coverage.text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("text=MAY+chu", True),
        ("condition=stopped", True),
        ("condition=waiting", False),
        ("text=nobody", False),
        ("condition=<", False),
    ],
)
async def test_sources_are_filtered(console, query, shown):
    stops(console)
    page = await (await console.logged_in()).get(f"/sources?{query}")

    assert ("auth" in page.text, "Không có nguồn nào khớp" in page.text) == (shown, not shown)


async def test_nothing_to_do_is_told_apart_from_nobody_sending(console):
    client = await console.logged_in()
    before = await client.get("/sources?lang=en")
    console.books.take(1, "A1", at_ns=console.clock.wall_ns(), received={"journald": 1})
    after = await client.get("/sources")

    assert "No event has come yet." in before.text
    assert "No source tells that it stopped, loses or waits." in after.text


async def test_a_silent_host_is_shown_though_no_source_of_it_tells_of_trouble(console):
    heard = console.clock.wall_ns() - 600 * 10**9
    console.hosts.known = [
        HostStatus("A1", "máy-<i>1</i>", "40.412", "Đơn vị 40.412", None, 3, heard_ns=heard, silent=True),
        HostStatus("A2", "máy-2", "40.412", "Đơn vị 40.412", None, 3, heard_ns=heard, silent=False),
        HostStatus("A3", "máy-3", "40.412", "Đơn vị 40.412", None, 3, heard_ns=heard, left="stopped"),
    ]
    page = await (await console.logged_in()).get("/sources")

    assert "1 máy im lặng" in page.text
    assert "máy-&lt;i&gt;1&lt;/i&gt;" in page.text
    assert "máy-2" not in page.text
    assert "máy-3" not in page.text
