# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console import users
from giamsat_collector.console.role import Role
from giamsat_collector.console.step_up import LIGHT, WEIGHTY
from support.console import SECOND, Console

FORMS = [
    "/logout",
    "/password",
    "/alerts/moves",
    "/alerts/0123/hide",
    "/alerts/0123/moves",
    "/availability/maintenance/{number}",
    "/suppressions/{number}",
    "/incidents",
    "/incidents/{number}",
    "/sessions",
    "/tokens/{token}",
    "/units",
    "/api/v1/alerts/0123/moves",
    "/api/v1/incidents",
    "/api/v1/incidents/{number}/moves",
]
"""Every address that changes something for somebody who is logged in."""
ADMINISTRATORS = ["/availability/maintenance/7", "/tokens/0123", "/units"]
ANALYSTS = [
    "/alerts/moves",
    "/alerts/0123/hide",
    "/alerts/0123/moves",
    "/suppressions/7",
    "/incidents",
    "/incidents/7",
    "/sessions",
    "/api/v1/alerts/0123/moves",
    "/api/v1/incidents",
    "/api/v1/incidents/7/moves",
    "/password",
    "/logout",
]
PAGES = [
    "/alerts",
    "/alerts/0123",
    "/alerts/0123/hide",
    "/alerts/0123/packets-{link_type}.pcap",
    "/alerts/0123/around",
    "/handover",
    "/incidents",
    "/incidents/new",
    "/incidents/{number}",
    "/incidents/{number}/report-{report}.{format_}",
    "/incidents/{number}/stix.json",
    "/hosts",
    "/hosts/{asset}",
    "/coverage",
    "/coverage/{system:path}",
    "/sources",
    "/sightings",
    "/flows",
    "/indicators",
    "/availability",
    "/suppressions",
    "/tokens",
    "/accounts",
    "/sessions",
    "/units",
    "/overrides",
    "/events",
    "/reports/form08.{format_}",
    "/reports/monitoring.{format_}",
    "/reports/unit.{format_}",
    "/api/v1/alerts",
    "/api/v1/alerts/0123",
    "/api/v1/incidents",
    "/api/v1/incidents/{number}",
    "/api/v1/session",
]


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    yield console
    console.close()


def routes(holder):
    """Method and path of every route below an application or a router."""
    for route in holder.routes:
        if hasattr(route, "original_router"):
            yield from routes(route.original_router)
        else:
            yield from ((method, route.path) for method in route.methods)


def test_no_route_is_missing_from_these_tests(console):
    known = {("POST", path.replace("0123", "{alert_id}")) for path in FORMS}
    known |= {("GET", path.replace("0123", "{alert_id}")) for path in [*PAGES, "/login", "/password", "/"]}
    known |= {("POST", "/login"), ("GET", "/static/{edition}/{path:path}"), ("GET", "/favicon.ico")}

    assert {route for route in routes(console.app._app._app) if route[0] != "HEAD"} == known


@pytest.mark.parametrize("path", PAGES)
async def test_a_stranger_sees_nothing(console, path):
    answer = await console.client().get(path)

    if path.startswith("/api/"):
        assert answer.status == 401
        assert answer.header("content-type") == "application/problem+json"
    else:
        assert answer.status == 303
        assert answer.header("location").startswith("/login?next=%2F")


@pytest.mark.parametrize("path", FORMS)
async def test_a_form_without_proof_changes_nothing(console, path):
    client = await console.logged_in()

    for form in ({}, {"csrf": ""}, {"csrf": "f" * 64}):
        answer = await client.post(path, form)

        assert answer.status == 403
    assert (await client.get("/alerts")).status == 200


async def test_the_proof_of_one_session_is_no_proof_for_another(console):
    one, other = await console.logged_in(), await console.logged_in()
    proof = (await one.get("/alerts")).hidden("csrf")

    assert (await other.post("/logout", {"csrf": proof})).status == 403
    assert (await one.post("/logout", {"csrf": proof})).status == 303


def test_each_form_is_an_analysts_or_an_administrators():
    named = {
        path.replace("/7", "/{number}").replace("tokens/0123", "tokens/{token}") for path in ADMINISTRATORS + ANALYSTS
    }

    assert (named, len(ADMINISTRATORS + ANALYSTS)) == (set(FORMS), len(FORMS))


def test_each_form_weighs_much_or_little():
    assert {path.replace("0123", "{alert_id}") for path in FORMS} == WEIGHTY.keys() | LIGHT


@pytest.mark.parametrize("path", ADMINISTRATORS)
async def test_an_analyst_is_told_who_does_what_only_administrators_do(console, path):
    console.has_user("binh", role=Role.ANALYST)
    analyst, administrator = await console.logged_in("binh"), await console.logged_in()

    vietnamese, english = await analyst.act(path, {}), await analyst.act(f"{path}?lang=en", {})

    assert (vietnamese.status, english.status) == (403, 403)
    assert "Hãy nhờ: admin." in vietnamese.text
    assert "Ask: admin." in english.text
    assert (await administrator.act(path, {})).status != 403


@pytest.mark.parametrize("path", ANALYSTS)
async def test_an_analyst_works_alerts_and_keeps_a_password(console, path):
    console.has_user("binh", role=Role.ANALYST)

    assert (await (await console.logged_in("binh")).act(path, {})).status != 403


async def test_an_analyst_reads_everything_and_is_shown_no_form_that_would_be_refused(console):
    console.has_user("binh", role=Role.ANALYST)
    analyst, administrator = await console.logged_in("binh"), await console.logged_in()

    for path in (
        path
        for path in PAGES
        if "{" not in path and "0123" not in path and path not in {"/events", "/accounts", "/incidents/new"}
    ):
        assert (await analyst.get(path)).status == 200, path
    for page, words in (("/hosts", 'href="/units"'), ("/hosts", 'href="/tokens"'), ("/units", 'action="/units"')):
        assert words in (await administrator.get(page)).text
        assert words not in (await analyst.get(page)).text


async def test_another_role_counts_from_the_next_request_on(console):
    console.has_user("binh", role=Role.ANALYST)
    client = await console.logged_in("binh")
    assert (await client.act("/units", {})).status == 403

    console.store.now(lambda rows: users.set_role(rows, "binh", Role.ADMINISTRATOR, 1))

    assert (await client.act("/units", {})).status != 403
    assert (await client.get("/api/v1/session")).json["role"] == "administrator"


async def test_a_page_that_refreshes_itself_does_not_keep_the_session_awake(console):
    client = await console.logged_in()
    for _ in range(14):
        console.clock.advance(60 * SECOND)
        assert (await client.get("/alerts", x_gs_live="1")).status == 200
    console.clock.advance(60 * SECOND)

    answer = await client.get("/alerts", x_gs_live="1")

    assert (answer.status, answer.header("hx-refresh")) == (401, "true")


async def test_a_person_who_reads_keeps_the_session_awake(console):
    client = await console.logged_in()
    for _ in range(30):
        console.clock.advance(60 * SECOND)
        assert (await client.get("/hosts")).status == 200


async def test_a_disabled_user_is_out_at_once(console):
    client = await console.logged_in()
    console.store.now(lambda rows: users.disable(rows, "admin", 1))

    assert (await client.get("/alerts")).status == 303


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff", b"[" * 60_000])
async def test_a_body_that_is_no_object_is_refused(console, body):
    client = await console.logged_in()
    headers = {"content-type": "application/json", "sec-fetch-site": "same-origin", "x-gs-csrf": "x"}

    answer = await client.ask("POST", "/api/v1/alerts/0123/moves", body, headers)

    assert answer.status == 400
    assert answer.json["detail"].startswith("the body is not")
