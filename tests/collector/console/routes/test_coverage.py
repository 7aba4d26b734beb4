# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_collector.coverage.decide import decide
from giamsat_collector.coverage.evidence import HostEvidence, SystemEvidence
from giamsat_collector.coverage.statement import Statement
from support.console import Console
from support.coverage import OBLIGATIONS


def evidence(system, level, *, quiet_s):
    host = HostEvidence(
        "A1", "may-<b>1</b>", quiet_s=quiet_s, allowed_s=37.5, logs={"journald": 1.0}, captures=1, flows_s=1.0
    )
    return SystemEvidence(system, level, (host,), kept_s=1e6, watched_s=1e6, offset_limit_s=1, log_silent_s=1e6)


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    for asset, level in (("A1", 1), ("A2", 3)):
        console.place(asset, level=level, unit=f"40.{level}")
    found = (evidence("S-A1", 1, quiet_s=5.0), evidence("S-A2", 3, quiet_s=99.0))
    console.statement = Statement(0, "tcvn11930-2017 1.0.0", tuple(decide(OBLIGATIONS, one) for one in found))
    yield console
    console.close()


def systems(page):
    return re.findall(r'<th scope="row"><a href="[^"]+"><bdi>(.*?)</bdi>', page.text)


async def test_the_total_and_what_is_lacking_are_shown_those_in_trouble_first(console):
    page = await (await console.logged_in()).get("/coverage")

    assert "<strong>1/2</strong>" in page.text
    assert systems(page) == ["Hệ thống A2", "Hệ thống A1"]
    assert "không gửi dữ liệu" in page.text
    assert "giamsat-agent status" in page.text


async def test_a_hosts_name_is_text_and_nothing_else(console):
    page = await (await console.logged_in()).get("/coverage")

    assert "<b>1</b>" not in page.text
    assert "&lt;b&gt;1&lt;/b&gt;" in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("level=1", ["Hệ thống A1"]),
        ("state=met", ["Hệ thống A1"]),
        ("state=unknown", []),
        ("text=don+vi+40.3", ["Hệ thống A2"]),
        ("skip=100", []),
        ("skip=x", ["Hệ thống A2", "Hệ thống A1"]),
    ],
)
async def test_systems_are_found(console, query, found):
    assert systems(await (await console.logged_in()).get(f"/coverage?{query}")) == found


async def test_in_english_everything_is_english(console):
    page = await (await console.logged_in()).get("/coverage?lang=en")

    assert "systems meet every obligation" in page.text
    assert "not reporting" in page.text


async def test_nobody_sees_it_without_logging_in(console):
    page = await console.client().get("/coverage")

    assert page.status in {302, 303, 401}


async def test_a_system_shows_each_obligation_with_what_is_looked_at(console):
    client = await console.logged_in()
    listed = await client.get("/coverage")
    page = await client.get("/coverage/S-A2")
    nobody = await client.get("/coverage/S-nobody")

    assert '<a href="/coverage/S-A2">' in listed.text
    assert page.text.count('<th scope="row">') == sum(3 in one.clauses for one in OBLIGATIONS)
    assert "lần cuối nhận dữ liệu của từng máy" in page.text
    assert "không gửi dữ liệu: may-&lt;b&gt;1&lt;/b&gt;" in page.text
    assert nobody.status in {400, 404}
