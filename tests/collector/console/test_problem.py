# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_collector.errors import StoreError
from support.console import Console
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
    assert "There is no such page or alert." in answer.text


@pytest.mark.parametrize(("path", "status"), [("/alerts/zz", 404), ("/alerts?stat=new", 400), ("/alerts?as_of=x", 400)])
async def test_what_is_asked_for_wrongly_is_answered_with_what_was_wrong(console, path, status):
    client = await console.logged_in()
    answer = await client.get(path)

    assert answer.status == status
    assert "<html" in answer.text


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
