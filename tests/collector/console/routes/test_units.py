# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_collector.registry import fact_ledger, reform
from giamsat_collector.registry.fact_ledger import Telling
from giamsat_collector.registry.reform import Reform
from support.console import Console

FORM = {
    "operation": "merge",
    "units": "40.412\n40.413",
    "into": "40.500",
    "name": "Phường <b>Mới</b>",
    "effective": "2020-07-01",
    "document": "1678/NQ-UBTVQH15",
}


@pytest.fixture
async def console():
    console = Console()
    console.has_user()
    console.place()
    console.place("A2", "máy-chủ-2", unit="40.413")
    yield console
    console.close()


async def post(client, **said):
    return await client.act("/units", {**FORM, **said}, page="/units")


def seen(page):
    return re.search(r'name="seen" value="([0-9a-f]*)"', page.text)[1]


async def test_what_will_move_is_shown_and_exactly_that_is_carried_out_and_witnessed(console):
    client = await console.logged_in()
    page = await post(client, action="preview")

    assert "2 đơn vị thôi hoạt động; 2 hệ thống và 2 máy chịu ảnh hưởng." in page.text
    assert "máy-chủ-2" in page.text
    assert "đơn vị kế thừa: — → 40.500" in page.text
    assert set(console.registry.units) == {"40.412", "40.413"}, "nothing is done yet"

    done = await post(client, action="change", seen=seen(page))
    assert (done.status, done.header("location")) == (303, "/units?done=1")
    assert set(console.registry.units) == {"40.500"}
    assert {place.unit for place in console.registry} == {"40.500"}
    assert console.told[-1] == ("collector-administered", {"giamsat.command": "registry.import", "user.name": "admin"})
    after = await client.get("/units?done=1")
    assert "Đã ghi vào sổ đơn vị." in after.text
    assert "merge 40.412, 40.413 → 40.500" in after.text
    assert "1678/NQ-UBTVQH15" in after.text
    assert "Phường &lt;b&gt;Mới&lt;/b&gt;" in after.text


async def test_what_was_not_shown_is_not_done(console):
    client = await console.logged_in()
    page = await post(client, action="preview")
    other = await post(client, action="change", seen=seen(page), effective="2020-08-01")
    unseen = await post(client, action="change")

    assert (other.status, unseen.status) == (409, 409)
    assert "Nội dung đã khác với lúc xem trước" in other.text
    assert seen(other) not in ("", seen(page)), "what it would be now is shown"
    assert set(console.registry.units) == {"40.412", "40.413"}


async def test_what_came_to_stand_there_since_it_was_shown_is_shown_first_and_nobody_is_told_that_it_was_done(console):
    client = await console.logged_in()
    page = await post(client, action="preview")
    console.place("A3", "máy-mới", unit="40.413", level=None)
    told = list(console.told)
    late = await post(client, action="change", seen=seen(page))

    assert late.status == 409
    assert "Nội dung đã khác với lúc xem trước" in late.text
    assert "máy-mới" in late.text
    assert (set(console.registry.units), console.told) == ({"40.412", "40.413"}, told)
    assert (await post(client, action="change", seen=seen(late))).status == 303


async def test_what_another_did_a_moment_earlier_is_not_said_to_be_done_again(console):
    """The other's write comes between the last look at the registry and this one's own write."""
    client = await console.logged_in()
    page = await post(client, action="preview")
    wanted = Reform("end", ("40.412", "40.413"), "", "", "2020-07-01", "99/NQ")
    _, files = reform.files(wanted, console.registry.units)
    write, told = console.store.write, list(console.told)

    async def after_another(work):
        console.store.write = write
        await console.services.amending.carry_out(files, Telling("bình", "end", "99/NQ"), "2020-07-01")
        return await write(work)

    console.store.write = after_another
    late = await post(client, action="change", seen=seen(page))

    assert late.status == 409
    assert (set(console.registry.units), console.told) == (set(), told)
    assert [row["actor"] for row in console.store.now(lambda rows: fact_ledger.told(rows, 2))] == ["bình", ""]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"document": ""}, "thiếu văn bản; hãy ghi số nghị quyết hoặc quyết định"),
        ({"units": "nobody"}, "không có đơn vị nobody; hãy ghi mã"),
        ({"effective": "tomorrow"}, "“tomorrow” không phải là ngày"),
        ({"into": "40.412", "name": ""}, "Đơn vị kế thừa: là chính đơn vị đó; hãy ghi đơn vị kế thừa"),
        ({"into": "a b"}, "Mã của đơn vị kế thừa: “a b” không phải là mã"),
    ],
)
async def test_what_cannot_be_is_said_and_what_was_written_stays(console, said, why):
    page = await post(await console.logged_in(), action="preview", **said)

    assert page.status == 400
    assert why in page.text
    assert f'value="{said.get("into", "40.500")}"' in page.text
    assert seen(page) == ""


async def test_a_unit_may_end_with_nothing_after_it(console):
    client = await console.logged_in()
    ending = {"operation": "end", "units": "Đơn vị 40.413", "into": "", "name": ""}
    page = await post(client, action="preview", **ending)
    assert "1 đơn vị thôi hoạt động; 1 hệ thống và 1 máy chịu ảnh hưởng." in page.text

    await post(client, action="change", seen=seen(page), **ending)
    assert set(console.registry.units) == {"40.412"}


async def test_nobody_changes_a_unit_without_having_logged_in(console):
    assert (await console.client().get("/units")).status == 303
