# SPDX-License-Identifier: Apache-2.0
import pytest

from support.console import Console


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.place()
    yield console
    console.close()


async def test_alerts_come_in_the_shape_of_the_command_line_with_their_number(console):
    for number in range(3):
        console.raise_alert(rule=f"r{number}")
    client = await console.logged_in()
    page = (await client.get("/api/v1/alerts?state=open&limit=2")).json
    rest = (await client.get(f"/api/v1/alerts?state=open&limit=2&after={page['after']}")).json

    assert page["count"] == rest["count"] == 3
    assert (len(page["alerts"]), len(rest["alerts"]), rest["after"]) == (2, 1, None)
    assert {"id", "rule", "priority", "state", "threshold", "first", "last"} <= page["alerts"][0].keys()


async def test_one_alert_comes_with_evidence_and_history(console):
    alert = console.raise_alert()
    body = (await (await console.logged_in()).get(f"/api/v1/alerts/{alert.id}")).json

    assert body["evidence"][0]["source.ip"] == "192.0.2.7"
    assert body["history"][0]["action"] == "open"


async def test_a_move_with_the_sessions_proof_is_carried_out(console):
    alert = console.raise_alert()
    client = await console.logged_in()
    proof = (await client.get("/api/v1/session")).json["csrf"]
    wanted = {"action": "assign", "owner": "bình", "note": "ca tối", "revision": 0}

    answer = await client.post_json(f"/api/v1/alerts/{alert.id}/moves", wanted, x_gs_csrf=proof)

    assert (answer.status, answer.json["state"], answer.json["owner"]) == (200, "assigned", "bình")


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"action": "assign", "owner": "b", "revision": 7}, 409),
        ({"action": "explode"}, 400),
        ({"action": ["acknowledge"]}, 400),
        ({"action": "resolve"}, 400),
        ({"action": "acknowledge", "revision": {"a": 1}}, 400),
        ({"action": "acknowledge", "revision": -1}, 400),
        ({"action": "note", "note": "\ud800"}, 400),
    ],
)
async def test_what_is_not_possible_is_a_problem(console, wanted, status):
    alert = console.raise_alert()
    client = await console.logged_in()
    proof = (await client.get("/api/v1/session")).json["csrf"]

    answer = await client.post_json(f"/api/v1/alerts/{alert.id}/moves", wanted, x_gs_csrf=proof)

    assert answer.status == answer.json["status"] == status
    assert console.alert(alert.id) == alert


@pytest.mark.parametrize("limit", ["0x2", "-1", "99999", ""])
async def test_an_odd_limit_is_refused(console, limit):
    assert (await (await console.logged_in()).get(f"/api/v1/alerts?limit={limit}")).status == 400
