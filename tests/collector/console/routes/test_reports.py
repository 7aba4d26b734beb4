# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_collector.console.routes.reports import TYPES
from support.console import Console
from support.reading import cells, words


@pytest.fixture
def console():
    console = Console()
    console.has_user()
    console.place()
    yield console
    console.close()


async def test_every_report_the_coverage_page_offers_is_a_file_to_take_along(console):
    visitor = await console.logged_in()
    page = await visitor.get("/coverage")

    addresses = re.findall(r'href="(/reports/[^"]+)"', page.text)
    answers = [await visitor.get(address) for address in addresses]

    assert len(addresses) == 4
    for address, answer in zip(addresses, answers, strict=True):
        format_ = address[-4:]
        assert (answer.status, answer.header("content-type")) == (200, TYPES[format_])
        assert answer.header("content-disposition").startswith("attachment; filename=")
        assert {"docx": words, "xlsx": cells}[format_](answer.body)


async def test_a_units_report_is_of_this_month_unless_another_is_asked_for(console):
    visitor = await console.logged_in()

    now = await visitor.get("/reports/unit.docx?unit=40.412")
    before = await visitor.get("/reports/unit.docx?unit=40.412&month=2023-10")

    assert any("THÁNG 11 NĂM 2023" in line for line in words(now.body)[0])
    assert any("THÁNG 10 NĂM 2023" in line for line in words(before.body)[0])


@pytest.mark.parametrize("address", ["unit.docx?unit=nobody", "form08.pdf", "monitoring.docx?half=x"])
async def test_what_cannot_be_made_is_refused(console, address):
    answer = await (await console.logged_in()).get(f"/reports/{address}")

    assert answer.status == 400


async def test_without_a_login_there_is_no_report(console):
    assert (await console.client().get("/reports/form08.docx")).status in {302, 303, 401}
