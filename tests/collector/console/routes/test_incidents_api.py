# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console.role import Role
from giamsat_collector.incidents import search
from giamsat_collector.incidents.incident import Report
from support.console import PASSWORD, SECOND, Console

SAID = {"title": "Cổng", "group": "dos", "serious": True}


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.place()
    yield console
    console.close()


class Program:
    """One that is logged in and sends JSON with the proof of its session."""

    def __init__(self, client, proof):
        self.client, self.proof = client, proof

    @classmethod
    async def of(cls, console, name="admin"):
        client = await console.logged_in(name)
        return cls(client, (await client.get("/api/v1/session")).json["csrf"])

    async def send(self, address, **fields):
        return await self.client.post_json(f"/api/v1/incidents{address}", fields, x_gs_csrf=self.proof)


def whole(console, number=1):
    return console.store.now(lambda rows: search.whole(rows, number))


async def test_incidents_are_told_as_the_command_line_tells_them(console):
    alert = console.raise_alert()
    said = {"title": "Cổng", "group": "dos", "serious": True}
    await console.services.incidents.open([alert.id], said, "an")
    client = await console.logged_in()
    (listed,) = (await client.get("/api/v1/incidents")).json["incidents"]
    whole = (await client.get("/api/v1/incidents/1")).json

    assert ([one["report"] for one in listed["reports"]], listed["alerts"]) == (["initial", "full"], 1)
    assert [one["id"] for one in whole["alerts"]] == [alert.id]
    assert (await client.get("/api/v1/incidents?state=closed")).json == {"incidents": [], "more": False}
    assert [(await client.get(f"/api/v1/incidents{end}")).status for end in ("/2", "?state=x", "/x")] == [404, 400, 400]


async def test_one_goes_from_what_a_person_told_to_its_end_and_who_did_it_stands_in_its_history(console):
    (alert,) = console.raise_alerts(1)
    console.has_user("an", role=Role.ANALYST)
    program = await Program.of(console, "an")
    told = {"told_by": "Chị Lan, văn thư xã, gọi điện", "unit": "40.412", "detected": "2023-11-14T22:00"}

    opened = await program.send("", **SAID, **told)
    assert (opened.status, opened.json["number"], opened.json["told_by"]) == (201, 1, told["told_by"])
    assert opened.json["places"] == [{"unit": "40.412", "system": None, "level": None}]
    assert opened.json["detected_why"] == told["told_by"]
    assert [one["report"] for one in opened.json["reports"]] == ["initial", "full"]

    steps = [
        {"action": "add", "alerts": [alert.id], "revision": 0},
        {"action": "assess", "personal_data": True, "persons": 12, "note": "có danh sách công dân", "revision": 1},
        {"action": "describe", "cause": "thư giả", "revision": 2},
        *({"action": "sent", "report": report, "document": "12/BC"} for report in Report if report != "immediate"),
        {"action": "close", "note": "xong"},
    ]
    answers = [await program.send("/1/moves", **step) for step in steps]

    assert [answer.status for answer in answers] == [200] * len(steps)
    last = answers[-1].json
    assert (last["state"], last["persons"], last["serious"], last["cause"]) == ("closed", 12, True, "thư giả")
    assert {row["actor"] for row in last["history"]} == {"an"}
    assert (await program.send("/1/moves", action="reopen", note="lại")).json["state"] == "open"


@pytest.mark.parametrize(
    ("wanted", "status", "told"),
    [
        ({"action": "explode"}, 400, "no such action"),
        ({"action": "change", "serious": False}, 400, "no such action"),
        ({"action": "note", "note": "vì", "revision": 7}, 409, "meanwhile"),
        ({"action": "note", "note": "vì", "serious": False}, 400, "no such field"),
        ({"action": "describe", "cause": "x", "serious": False}, 400, "no such field"),
        ({"action": "describe", "cause": {"a": 1}}, 400, "cause is a text"),
        ({"action": "assess", "serious": "no", "note": "vì"}, 400, "true or false"),
        ({"action": "assess", "serious": False}, 400, "says why"),
        ({"action": "add", "alerts": {"a": 1}}, 400, "list of their ids"),
        ({"action": "add", "alerts": [1]}, 400, "list of their ids"),
        ({"action": "add", "alerts": ["0a"]}, 404, "no such alert"),
        ({"action": "sent", "report": "inital", "document": "1"}, 400, "did you mean initial"),
        ({"action": "close", "note": "vì"}, 400, "reports are owed"),
    ],
)
async def test_what_is_not_possible_is_a_problem_and_changes_nothing(console, wanted, status, told):
    alerts = console.raise_alerts(1)
    await console.services.incidents.open([alerts[0].id], SAID, "an")

    answer = await (await Program.of(console)).send("/1/moves", **wanted)

    assert (answer.status, answer.header("content-type")) == (status, "application/problem+json")
    assert told in answer.text
    assert len(whole(console).history) == 1


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        (SAID, 400, "who told of it"),
        ({**SAID, "unit": "nowhere", "told_by": "x"}, 400, "no such unit"),
        ({**SAID, "system": "nowhere", "told_by": "x"}, 400, "no such system"),
        ({**SAID, "alerts": ["0a"]}, 404, "no such alert"),
        ({**SAID, "colour": "red", "alerts": ["0a"]}, 400, "no such field"),
    ],
)
async def test_one_that_lacks_something_is_not_opened(console, said, status, told):
    answer = await (await Program.of(console)).send("", **said)

    assert (answer.status, told in answer.text) == (status, True)
    assert (await (await Program.of(console)).client.get("/api/v1/incidents?state=all")).json["incidents"] == []


async def test_what_decides_about_reports_takes_the_password_again_as_in_the_console(console):
    alerts = console.raise_alerts(1)
    await console.services.incidents.open([alerts[0].id], SAID, "an")
    program = await Program.of(console)
    console.clock.advance(301 * SECOND)

    for step in (
        {"action": "assess", "serious": False, "note": "vì"},
        {"action": "detected", "detected": "2023-11-14T01:00", "note": "vì"},
        {"action": "sent", "report": "initial", "document": "12/BC"},
        {"action": "withdraw", "report": "initial", "note": "vì"},
        {"action": "close", "note": "vì"},
    ):
        assert (await program.send("/1/moves", **step)).status == 403, step
    assert (await program.send("/1/moves", action="note", note="vì", password="không cần")).status == 200
    sent = await program.send("/1/moves", action="sent", report="initial", document="12/BC", password=PASSWORD)

    assert (sent.status, [one.actor for one in whole(console).sent]) == (200, ["admin"])


async def test_a_stranger_and_who_cannot_prove_the_session_change_nothing(console):
    alerts = console.raise_alerts(1)
    await console.services.incidents.open([alerts[0].id], SAID, "an")
    stranger = Program(console.client(), "x")
    forged = Program(await console.logged_in(), "x")

    assert (await stranger.send("/1/moves", action="note", note="x")).status == 401
    assert (await forged.send("/1/moves", action="note", note="x")).status == 403
    assert (await forged.send("", **SAID, alerts=[alerts[0].id])).status == 403
    assert len(whole(console).history) == 1
