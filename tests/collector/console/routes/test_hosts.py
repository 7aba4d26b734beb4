# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_collector.console.host import HostStatus
from support.console import SECOND, Console


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    now = console.clock.wall_ns()
    console.hosts.known = [
        HostStatus("A1", "web", "u1", "Xã Nghĩa Đàn", "S1", 3, "0.1.0", now - 4 * SECOND, silent=False),
        HostStatus("A2", "db", "u2", "Sở Y tế", None, None, "0.1.0", now - 300 * SECOND, silent=True),
    ]
    yield console
    console.close()


def names(page):
    return re.findall(r'<th scope="row"><a href="/hosts/[^"]+"><bdi>(.*?)</bdi>', page.text)


async def test_hosts_in_trouble_come_first_with_when_they_were_last_heard(console):
    page = await (await console.logged_in()).get("/hosts")

    assert names(page) == ["db", "web"]
    assert "5 phút trước" in page.text
    assert "im lặng" in page.text
    assert "chưa phân loại" in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("text=nghia+dan", ["web"]),
        ("status=silent", ["db"]),
        ("level=unclassified", ["db"]),
        ("level=3", ["web"]),
        ("status=explode", []),
        ("skip=200", []),
        ("skip=x", ["db", "web"]),
    ],
)
async def test_hosts_are_found(console, query, found):
    assert names(await (await console.logged_in()).get(f"/hosts?{query}")) == found


async def test_a_province_of_hosts_comes_a_page_at_a_time(console):
    console.hosts.known = [HostStatus(f"A{number}", f"h{number}", "u", "U", None, 1) for number in range(450)]
    client = await console.logged_in()
    page = await client.get("/hosts")

    assert "200 trong 450 máy" in page.text
    assert len(names(await client.get("/hosts?skip=400"))) == 50


async def test_open_alerts_of_a_host_lead_to_them(console):
    console.raise_alert()
    page = await (await console.logged_in()).get("/hosts")

    assert 'href="/alerts?state=open&amp;asset=A1">1</a>' in page.text
