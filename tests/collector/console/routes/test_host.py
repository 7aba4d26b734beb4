# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console.host import HostStatus
from giamsat_collector.coverage.completeness import Data, Line
from giamsat_collector.ingest.minutes import Hour
from giamsat_wire.lane import Lane
from giamsat_wire.record import Sample
from support.console import Console, FixedHosts


@pytest.fixture
def console():
    status = HostStatus("A1", "máy <b>1</b>", "40.412", "Thành phố Vinh", "S1", 3, heard_ns=1, silent=False)
    full = Line(Hour(0, {Lane.METRIC: 240}, 60, 0, 0), Data.FULL, 60, 0)
    none = Line(Hour(3600 * 10**9, {}, 0, 0, 0), Data.NONE, 60, 0)
    console = Console(hosts=FixedHosts((status,)), lines=(none, full))
    console.has_user()
    yield console
    console.close()


async def test_a_host_tells_hours_without_alerts_from_hours_without_data(console):
    page = await (await console.logged_in()).get("/hosts/A1")

    assert "máy &lt;b&gt;1&lt;/b&gt;" in page.text
    none, full = page.text.index("không có dữ liệu<"), page.text.index("đủ dữ liệu")
    assert none < full
    assert '<td class="number">—</td>' in page.text[none:full]
    assert '<td class="number">—</td>' not in page.text[full:]
    assert "240" in page.text[full:]
    assert "Chưa biết: agent chưa báo số liệu" in page.text


async def test_a_host_shows_its_level_its_open_alerts_and_its_newest_figures(console):
    console.raise_alert()
    console.samples["A1"] = (Sample("node_load1", 0.5),)

    page = await (await console.logged_in()).get("/hosts/A1")

    assert '<a href="/alerts?state=open&amp;asset=A1">1</a>' in page.text
    assert "0,50" in page.text
    assert "cấp 3" in page.text
    assert '<a href="/coverage/S1"><bdi>S1</bdi></a>' in page.text


async def test_only_what_changes_is_sent_when_the_page_refreshes_itself(console):
    page = await (await console.logged_in()).get("/hosts/A1", x_gs_live="1")

    assert "<h1>" not in page.text
    assert "60/60" in page.text


async def test_a_host_there_is_not_is_refused(console):
    assert (await (await console.logged_in()).get("/hosts/A9")).status == 404
