# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console.role import Role
from giamsat_collector.incidents import ledger, search
from giamsat_collector.incidents.incident import Group, State
from support.console import SECOND, Console

HOUR = 3600 * SECOND


@pytest.fixture
async def console():
    console = Console()
    console.has_user()
    console.place()
    yield console
    console.close()


def ids(alerts):
    return ",".join(one.id for one in alerts)


def kept(console):
    return [row.incident for row in console.store.now(lambda rows: search.listed(rows, State)).rows]


async def test_alerts_that_were_ticked_in_the_queue_become_one_incident(console):
    alerts = console.raise_alerts(3)
    client = await console.logged_in()
    ticked = {f"alert-{one.id}": "0" for one in alerts[:2]}
    form = await client.act("/alerts/moves", {**ticked, "action": "incident"})
    page = await client.get(form.header("location"))
    done = await client.act(
        "/incidents",
        {
            "alerts": page.hidden("alerts"),
            "title": "Cổng bị xâm nhập <b>",
            "group": "intrusion",
            "serious": "1",
            "detected": "2023-11-15T05:13",
            "counted": "2023-11-15T05:13",
        },
    )

    assert form.status == 303
    assert page.text.count('class="mark') == 2
    assert (done.status, done.header("location")) == (303, "/incidents/1")
    (one,) = kept(console)
    assert (one.group, one.serious, one.owner, one.detected_ns) == (
        Group.INTRUSION,
        True,
        "admin",
        alerts[0].opened_ns,
    )
    listed = await client.get("/incidents")
    assert "Cổng bị xâm nhập &lt;b&gt;" in listed.text
    assert "còn hạn · còn 23 giờ" in listed.text
    assert "sự cố số 1" in (await client.get(f"/alerts/{alerts[0].id}")).text
    assert (await client.get("/alerts")).text.count('href="/incidents/1">sự cố 1<') == 2


async def test_all_that_a_filter_finds_can_become_one_incident(console):
    alerts = console.raise_alerts(60)
    client = await console.logged_in()
    page = await client.get("/alerts?state=open")
    known = {name: page.hidden(name).replace("&amp;", "&") for name in ("filters", "as_of", "number")}

    form = await client.act("/alerts/moves", {**known, "every": "1", "action": "incident"})

    assert (await client.get(form.header("location"))).text.count('class="mark') == len(alerts)


async def test_further_alerts_are_added_to_one_that_is_open(console):
    alerts = console.raise_alerts(2)
    client = await console.logged_in()
    await client.act("/incidents", {"alerts": alerts[0].id, "title": "Cổng", "group": "dos"})
    page = await client.get(f"/incidents/new?alerts={alerts[1].id}")
    done = await client.act("/incidents", {"alerts": alerts[1].id, "into": "1"})

    assert "1. Cổng" in page.text
    assert done.header("location") == "/incidents/1"
    assert [one.id for one in console.store.now(lambda rows: search.whole(rows, 1)).alerts] == [
        one.id for one in alerts
    ]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"title": "x"}, "no such group"),
        ({"title": " ", "group": "dos"}, "title must not be empty"),
        ({"title": "x", "group": "dos", "persons": "many"}, "persons is a number"),
        ({"title": "x", "group": "dos", "detected": "2023-11-14T00:00", "counted": "2023-11-15T05:13"}, "says why"),
        ({"into": "9"}, "no such incident"),
        ({"into": "x"}, "an incident that is open"),
        ({"into": "9" * 19}, "no such incident"),
    ],
)
async def test_what_is_missing_is_said_above_what_was_written(console, form, told):
    alerts = console.raise_alerts(1)
    client = await console.logged_in()

    answer = await client.act("/incidents?lang=en", {"alerts": ids(alerts), **form})

    assert answer.status in {400, 404}
    assert told in answer.text
    assert kept(console) == []


@pytest.mark.parametrize("chosen", [",", ",".join(f"{at:016x}" for at in range(201))])
async def test_no_alert_or_too_many_open_nothing(console, chosen):
    client = await console.logged_in()

    assert (await client.get(f"/incidents/new?alerts={chosen}")).status == 400


async def test_one_written_by_another_site_or_without_a_login_is_nothing(console):
    alerts = console.raise_alerts(1)
    client = await console.logged_in()

    assert (await client.post("/incidents", {"alerts": ids(alerts), "title": "x", "group": "dos"})).status == 403
    assert (await console.client().get("/incidents")).status in {303, 401}
    assert kept(console) == []


async def test_what_a_person_told_of_is_opened_without_alerts_where_it_is_and_can_be_corrected(console):
    client = await console.logged_in()
    page = await client.get("/incidents/new")
    form = {"title": "Thư giả", "group": "phishing", "told_by": "Chị Lan <b> gọi điện", "unit": "40.412"}
    counted = {"detected": page.hidden("detected"), "counted": page.hidden("counted")}
    refused = await client.act("/incidents?lang=en", {**form, **counted, "unit": "40.999"}, "/incidents/new")
    done = await client.act("/incidents", {**form, **counted}, "/incidents/new")

    assert 'href="/incidents/new"' in (await client.get("/incidents")).text
    assert 'list="units"' in page.text
    assert (refused.status, "no such unit: 40.999" in refused.text) == (400, True)
    assert "Chị Lan &lt;b&gt; gọi điện" in refused.text, "what was written stays"
    assert done.header("location") == "/incidents/1"
    (one,) = kept(console)
    assert (one.unit, one.told_by, one.detected_ns, one.detected_why) == (
        *("40.412", "Chị Lan <b> gọi điện"),
        console.clock.wall_ns(),
        "",
    )
    shown = (await client.get("/incidents/1?lang=vi")).text
    assert "Chị Lan &lt;b&gt; gọi điện" in shown
    assert "Chưa có cảnh báo nào." in shown
    moved = {"action": "describe", "title": "Thư giả", "owner": "an", "told_by": "Anh Ba", "unit": "", "system": ""}
    assert (await client.act("/incidents/1", {**moved, "revision": "0"})).status == 400
    assert (await client.act("/incidents/1", {**moved, "unit": "40.412", "revision": "0"})).status == 303
    assert "người báo: Chị Lan &lt;b&gt; gọi điện → Anh Ba" in (await client.get("/incidents/1")).text


async def test_an_analyst_may(console):
    alerts = console.raise_alerts(1)
    console.has_user("an", role=Role.ANALYST)
    client = await console.logged_in("an")

    assert (await client.act("/incidents", {"alerts": ids(alerts), "title": "x", "group": "dos"})).status == 303
    assert kept(console)[0].opened_by == "an"


async def test_closed_ones_have_a_tab_and_an_empty_list_says_how_to_begin(console):
    client = await console.logged_in()
    assert "giamsat-collector incidents open" in (await client.get("/incidents")).text
    alerts = console.raise_alerts(1)
    await client.act("/incidents", {"alerts": ids(alerts), "title": "Cổng", "group": "dos"})
    await client.act("/incidents/1", {"action": "close", "note": "báo nhầm", "revision": "0"})

    assert (await client.get("/incidents?state=nonsense")).status == 400
    assert "Cổng" not in (await client.get("/incidents")).text
    assert "Cổng" in (await client.get("/incidents?state=closed")).text
    assert console.store.now(lambda rows: ledger.get(rows, 1)).closed_ns == console.clock.wall_ns()
