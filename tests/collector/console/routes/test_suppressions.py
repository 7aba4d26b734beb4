# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.suppressing import ledger
from giamsat_collector.suppressing.record import Record
from support.console import Console

HOUR = 3600 * 10**9


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.place("A1", level=4)
    yield console
    console.close()


def proposed(console, proposer="an", **words):
    now = console.clock.wall_ns()
    said = {"rules": ("ssh_brute_force",), "fields": {"source.ip": "192.0.2.7", "giamsat.unit": "40.412"}} | words
    record = Record(0, said["rules"], said["fields"], "<b>máy quét</b>", "12/QĐ", proposer, now, now, now + HOUR)
    return console.store.now(lambda connection: ledger.propose(connection, record, now))


async def test_what_is_hidden_is_shown_with_who_why_and_how_much(console):
    proposed(console)
    page = await (await console.logged_in()).get("/suppressions")

    assert "ssh_brute_force" in page.text
    assert "Đơn vị: <bdi>Đơn vị 40.412</bdi>" in page.text
    assert "&lt;b&gt;máy quét&lt;/b&gt;" in page.text
    assert "chờ người thứ hai" in page.text


async def test_without_any_the_next_step_is_said(console):
    page = await (await console.logged_in()).get("/suppressions")

    assert "giamsat-collector suppress add" in page.text


async def test_a_second_person_agrees_and_from_then_on_the_engine_follows(console):
    proposed(console)
    client = await console.logged_in()
    csrf = (await client.get("/suppressions")).hidden("csrf")

    answer = await client.post("/suppressions/1", {"csrf": csrf, "action": "agree"})

    assert answer.status == 303
    assert console.told[-1] == ("collector-administered", {"giamsat.command": "suppress.agree", "user.name": "admin"})
    assert console.suppressions.every[0].agreed_ns == console.clock.wall_ns()
    assert "an + admin" in (await client.get("/suppressions")).text


async def test_whoever_proposed_it_is_not_offered_to_agree_and_refused_all_the_same(console):
    proposed(console, proposer="Admin")
    client = await console.logged_in()
    page = await client.get("/suppressions")

    answer = await client.post("/suppressions/1", {"csrf": page.hidden("csrf"), "action": "agree"})

    assert 'value="agree"' not in page.text
    assert (answer.status, console.suppressions.every) == (400, ())
    assert "phải có người thứ hai đồng ý" in answer.text


async def test_ending_it_needs_a_form_of_this_session_and_leaves_it_on_record(console):
    proposed(console, rules=(), fields={"giamsat.asset": "A1"})
    client = await console.logged_in()
    csrf = (await client.get("/suppressions")).hidden("csrf")

    forged = await client.post("/suppressions/1", {"csrf": "x", "action": "end"})
    ended = await client.post("/suppressions/1", {"csrf": csrf, "action": "end"})

    assert (forged.status, ended.status) == (403, 303)
    assert console.told[-1] == ("collector-administered", {"giamsat.command": "suppress.end", "user.name": "admin"})
    assert "đã hết" in (await client.get("/suppressions")).text
