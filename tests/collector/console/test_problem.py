# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_collector.errors import StoreError
from support.console import SECOND, Console
from support.memory_store import MemoryStore


class BrokenStore(MemoryStore):
    """Fails every read after `fail` with that error."""

    fail = None

    async def read(self, work):
        if self.fail is not None:
            raise self.fail
        return await super().read(work)


@pytest.fixture
def console():
    console = Console(store=BrokenStore())
    console.has_user()
    yield console
    console.close()


async def test_a_page_that_does_not_exist_says_so_in_the_readers_language(console):
    client = await console.logged_in()

    answer = await client.get("/nope?lang=en")

    assert answer.status == 404
    assert "There is no such page." in answer.text
    assert 'lang="en"' in answer.text


@pytest.mark.parametrize(
    ("path", "status", "area"),
    [
        *(("/nope", 404, "/alerts"), ("/hosts/zz", 404, "/hosts"), ("/coverage/zz", 404, "/coverage")),
        *(("/alerts?state=x", 400, "/alerts"), ("/flows/zz", 404, "/flows")),
    ],
)
async def test_whoever_meets_an_error_keeps_the_navigation_and_is_led_back(console, path, status, area):
    client = await console.logged_in()

    answer = await client.get(path)

    assert answer.status == status
    assert "<nav aria-label" in answer.text
    assert f'<a href="{area}">' in answer.text.split("<main", 1)[1]


async def test_a_stranger_is_shown_no_navigation_by_an_error(console):
    answer = await console.client().get("/nope")

    assert answer.status == 404
    assert '<nav aria-label="Các trang"' not in answer.text


async def test_a_part_that_refreshes_itself_is_told_in_its_own_place(console):
    client = await console.logged_in()

    answer = await client.get("/hosts/zz", **{"x-gs-live": "1"})

    assert (answer.status, "<html" in answer.text) == (404, False)
    assert 'role="alert"' in answer.text


async def test_a_form_of_a_session_that_is_over_leads_back_and_says_that_nothing_was_done(console):
    client = await console.logged_in()
    console.clock.advance(16 * 60 * SECOND)

    led = await client.post("/alerts/moves", {"action": "acknowledge"})
    page = await client.get(led.header("location"))

    assert led.header("location") == "/login?next=%2Falerts"
    assert "chưa thay đổi gì" in page.text
    assert "chưa thay đổi gì" not in (await console.client().get("/login")).text


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [({"sec-fetch-site": "cross-site"}, 403, "đến từ một trang khác"), ({"content-length": "999999"}, 413, "quá lớn")],
)
async def test_what_is_refused_before_any_route_is_a_page_without_a_name(console, headers, status, said):
    client = await console.logged_in()

    answer = await client.post("/alerts/moves", **headers)

    assert answer.status == status
    assert said in answer.text
    assert ">admin<" not in answer.text


@pytest.mark.parametrize("path", ["/api/v1/alerts", "/hosts"])
async def test_a_program_without_a_session_is_told_to_log_in_and_not_led_to_a_page(console, path):
    answer = await console.client().get(path, accept="application/json")

    assert (answer.status, answer.json["what"]) == (401, "Cần đăng nhập.")


async def test_a_program_that_wants_json_gets_a_problem_at_any_address_in_its_language(console):
    client = await console.logged_in()

    answer = await client.get("/hosts/zz", accept="application/json", **{"accept-language": "en"})

    assert answer.header("content-type") == "application/problem+json"
    assert answer.json["what"] == "There is no such page."
    assert answer.json["step"].startswith("The address may be wrong")
    assert "zz" in answer.json["detail"]


@pytest.mark.parametrize(("path", "status"), [("/alerts/zz", 404), ("/alerts?stat=new", 400), ("/alerts?as_of=x", 400)])
async def test_what_is_asked_for_wrongly_is_answered_with_what_was_wrong(console, path, status):
    client = await console.logged_in()
    answer = await client.get(path)

    assert answer.status == status
    assert "<html" in answer.text


async def test_what_is_wrong_is_said_to_a_reader_in_their_language_and_to_a_program_as_a_command_says_it(console):
    client = await console.logged_in()
    page, program = await client.get("/alerts/zz"), await client.get("/api/v1/alerts/zz")

    assert "không có cảnh báo zz; hãy tìm ở danh sách cảnh báo" in page.text
    assert "no such alert: zz" in (await client.get("/alerts/zz?lang=en")).text
    assert program.json["detail"].startswith("no such alert: zz")


async def test_a_program_gets_a_problem_of_rfc_9457(console):
    client = await console.logged_in()
    answer = await client.get("/api/v1/alerts?stat=new")

    assert answer.header("content-type") == "application/problem+json"
    assert answer.json["status"] == answer.status == 400
    assert "no such filter: stat" in answer.json["detail"]


async def test_a_database_out_of_order_is_said_without_its_words(console):
    client = await console.logged_in()
    console.store.fail = StoreError("cannot read /var/lib/x.db: disk I/O error")

    answer = await client.get("/alerts")

    assert answer.status == 503
    assert "/var/lib" not in answer.text


async def test_a_fault_inside_is_shown_as_a_number_that_the_log_has(console, capsys):
    client = await console.logged_in()
    console.store.fail = RuntimeError("a secret of the inside")

    answer = await client.get("/alerts")

    assert answer.status == 500
    assert "a secret" not in answer.text
    incident = re.search(r'code">([0-9a-f]{8})<', answer.text)[1]
    assert incident in capsys.readouterr().out
    assert answer.header("content-security-policy").startswith("default-src 'none'")


async def test_the_wrong_method_is_refused(console):
    assert (await console.client().post("/hosts")).status == 405
