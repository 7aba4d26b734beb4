# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_rules.library import open_library
from giamsat_rules.load import shipped
from support.console import Console
from support.overriding import override, written


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.place("A1", level=3)
    yield console
    console.close()


def signed(console, folder, *texts):
    console.standards = open_library(replace(shipped(), overrides=written(folder, *texts))).standards


async def test_the_register_says_for_whom_by_which_document_until_when_and_what_it_changes(console, tmp_path):
    (system,) = console.registry.systems
    signed(
        console,
        tmp_path,
        override(of=system).replace("cổng có nhiều người dùng", "<b>cổng</b>"),
        override("set: {ssh_failed_logins: 3}\nexclude: [web_attack]", name="unit", scope="unit", of="40.412"),
        override(name="old", of="S9"),
    )
    client = await console.logged_in()

    page, english = await client.get("/overrides"), await client.get("/overrides?lang=en")

    assert "đang áp dụng" in page.text
    assert "<small>Đơn vị</small><br><bdi>Đơn vị 40.412</bdi>" in page.text
    assert "Số lần đăng nhập SSH thất bại từ một địa chỉ" in page.text
    assert "8 → <strong>12 lần đăng nhập</strong>" in page.text
    assert "đối tượng chưa đăng ký" in page.text
    assert "&lt;b&gt;cổng&lt;/b&gt;" in page.text
    assert "31/03/2027" in page.text
    assert 'class="direction weaker">nới' in page.text
    assert 'class="direction">siết' in page.text
    assert "Failed SSH logins from one address" in english.text
    assert "Rule not judged" in english.text
    assert "2027-03-31" in english.text
    assert "12 logins" in english.text


async def test_without_any_the_next_step_is_said_and_the_page_is_found_from_what_is_hidden(console):
    client = await console.logged_in()

    assert "rules use --overrides" in (await client.get("/overrides")).text
    assert 'href="/overrides"' in (await client.get("/suppressions")).text


async def test_an_alert_says_by_which_pack_and_which_document_it_was_judged(console, tmp_path):
    (system,) = console.registry.systems
    signed(console, tmp_path, override(of=system))
    subject, now = console.registry.subject("A1"), console.clock.wall_ns()
    profile = console.standards.profile_of(subject, now)
    mine = console.raise_alert(profile=profile.hash)
    other = console.raise_alert(rule="web_attack", profile="0" * 64)
    client = await console.logged_in()

    page, known = await client.get(f"/alerts/{mine.id}"), await client.get(f"/api/v1/alerts/{mine.id}")
    unknown = await client.get(f"/api/v1/alerts/{other.id}")

    assert "Gói cấp độ tcvn11930-2017 1.0.0." in page.text
    assert "Ngoại lệ theo 12/QĐ, đến hết ngày 31/03/2027." in page.text
    assert profile.hash in page.text
    assert known.json["measured_by"] == {
        "pack": "tcvn11930-2017 1.0.0",
        "level": 3,
        "profile_of_level": console.standards.base(subject).hash,
        "overrides": [{"override": "portal", "system": system, "document": "12/QĐ", "expires": "2027-03-31"}],
    }
    assert unknown.json["measured_by"] is None
