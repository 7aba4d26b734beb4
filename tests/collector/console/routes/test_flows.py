# SPDX-License-Identifier: Apache-2.0
import html
import re

import pytest

from giamsat_collector.traffic import keeping
from support.console import Console
from support.flowing import NAMES, SECOND_NS, SIX, WEB, minute


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.place("A1", name="cổng-1", unit="40.1")
    console.place("A2", name="cổng-2", unit="40.2")
    now = console.clock.wall_ns()
    told = [
        minute(WEB, SIX, start_ns=now - 120 * SECOND_NS, rest_bytes=2_500_000),
        minute(NAMES, asset="A2", start_ns=now - 5 * 3_600 * SECOND_NS),
    ]
    console.store.now(lambda rows: keeping.record(rows, told))
    yield console
    console.close()


async def test_the_last_hour_is_shown_with_names_sizes_and_who_saw_it(console):
    page = await (await console.logged_in()).get("/flows")

    assert page.status == 200
    assert all(said in page.text for said in ("10.0.0.5:50000", "203.0.113.7:443", "tep.example.vn", "cổng-1"))
    assert all(said in page.text for said in ("3,4 kB", "90,0 kB", "2,5 MB", "2001:db8::5"))
    assert "10.0.0.6" not in page.text


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("hours=6", "10.0.0.6:5353", "Không tìm thấy"),
        ("hours=6&port=53", "10.0.0.6:5353", "10.0.0.5"),
        ("address=2001%3Adb8%3A%3A%2F32", "2001:db8::5", "10.0.0.5:"),
        ("host=cong-2", "Không tìm thấy luồng nào", "10.0.0.5"),
        ("host=cong-2&hours=6", "10.0.0.6:5353", "10.0.0.5"),
        ("name=nowhere", "Không tìm thấy luồng nào", "10.0.0.5:"),
        ("address=%3Cb%3E", "&lt;b&gt;", "10.0.0.5:"),
        ("address=x", "Địa chỉ hoặc cổng viết sai", "no address"),
        ("hours=999", "10.0.0.5:50000", "10.0.0.6"),
        ("port=x", "Địa chỉ hoặc cổng viết sai", "10.0.0.5:"),
        ("port=" + "9" * 5_000, "Địa chỉ hoặc cổng viết sai", "10.0.0.5:"),
        ("port=65536", "Địa chỉ hoặc cổng viết sai", "10.0.0.5:"),
    ],
)
async def test_flows_are_found_by_host_address_port_name_and_time(console, query, shown, hidden):
    page = await (await console.logged_in()).get(f"/flows?{query}")

    assert shown in page.text.split("<main")[1]
    assert hidden not in page.text.split("<main")[1]


async def test_nobody_sees_it_without_logging_in(console):
    assert (await console.client().get("/flows")).status in {303, 401}


async def test_the_flows_of_an_alerts_address_in_its_time_are_one_step_from_it(console):
    at_ns = console.clock.wall_ns() - 5 * 3_600 * SECOND_NS
    alert = console.raise_alert(source="10.0.0.6", at=at_ns)
    client = await console.logged_in()
    (step,) = re.findall('href="(/flows\\?[^"]+)"', (await client.get(f"/alerts/{alert.id}")).text)

    page = await client.get(html.unescape(step))
    assert "10.0.0.6:5353" in page.text
    assert f'<option value="{at_ns // SECOND_NS}-{at_ns // SECOND_NS + 1}" selected>' in page.text

    elsewhere = console.raise_alert(source="not an address", at=at_ns, rule="other")
    assert "/flows?" not in (await client.get(f"/alerts/{elsewhere.id}")).text
