# SPDX-License-Identifier: Apache-2.0
import io
import json
import zipfile

import pytest

from giamsat_collector.availability import keeping
from giamsat_collector.availability.minutes import MINUTE_NS, Seen
from giamsat_collector.errors import RefusedError
from giamsat_collector.incidents.incident import Group
from giamsat_collector.incidents.lifecycle import Action, Request
from giamsat_collector.registry import fact_ledger
from giamsat_collector.registry.fact_ledger import Telling
from giamsat_collector.registry.history import Fact, Key, Kind
from giamsat_collector.reports.generator import Wanted
from support.office import Office
from support.reading import cells, words

ENDS_NS = 1_700_100_000_000_000_000  # in the middle of November 2023, after the clock's first moment
DECEMBER_NS = 1_702_000_000_000_000_000


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.console.place()
    office.console.place(asset="A2", unit="40.413", level=5)
    office.console.raise_alert()
    yield office
    office.console.close()


def merge(office):
    ended = Fact(Key(Kind.UNIT, "40.412"), ENDS_NS, {"valid_to": "2023-11-15", "successor": "40.413"})
    office.store.now(lambda c: fact_ledger.tell(c, Telling("an", "merge"), [ended], office.clock.wall_ns()))


async def test_form_08_reads_the_same_of_a_day_whatever_happens_after_it(office):
    before = await office.reports.form08("2023-11-14", None, Wanted("xlsx"))
    merge(office)
    office.clock.advance(DECEMBER_NS - office.clock.wall_ns())

    again, after = [await office.reports.form08(day, None, Wanted("xlsx")) for day in ("2023-11-14", "")]

    units = [[row[3] for row in cells(made)[0] if row[0] in (1, 2)] for made in (before, again, after)]
    assert units == [["Đơn vị 40.413", "Đơn vị 40.412"]] * 2 + [["Đơn vị 40.413"] * 2]


async def test_a_month_is_told_of_the_unit_that_stood_when_it_ended(office):
    merge(office)
    office.clock.advance(DECEMBER_NS - office.clock.wall_ns())

    _, tables = words(await office.reports.unit("40.413", "2023-11", Wanted("docx")))
    with pytest.raises(RefusedError, match=r"ended on 2023-11-15; ask for its successor, 40\.413"):
        await office.reports.unit("40.412", "2023-11", Wanted("docx"))

    totals = next(row for table in tables for row in table if row[0] == "Tổng số")
    assert totals == ["Tổng số", "0", "1", "0", "0", "1"]


@pytest.mark.parametrize(("format_", "inside"), [("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml")])
async def test_each_report_is_a_file_of_the_format_that_is_wanted(office, format_, inside):
    wanted, reports = Wanted(format_), office.reports

    files = [
        await reports.form08("", None, wanted),
        await reports.monitoring("2023-H2", wanted),
        await reports.unit("40.412", "2023-11", wanted),
    ]

    for each in files:
        assert inside in zipfile.ZipFile(io.BytesIO(each)).namelist()


async def test_how_available_systems_were_stands_in_both_reports_whatever_is_moved_later(office):
    minute = office.clock.wall_ns() // MINUTE_NS
    names, none = frozenset({"cổng"}), frozenset()
    up, down = (
        Seen("A1", minute - 10, minute - 8, names, names, none),
        Seen("A1", minute - 7, minute, names, none, names),
    )
    office.store.now(lambda connection: keeping.record(connection, [up, down]))
    office.clock.advance(DECEMBER_NS - office.clock.wall_ns())
    apart = Fact(Key(Kind.ASSET, "A1"), DECEMBER_NS - 1, {"systems": []})
    office.store.now(lambda c: fact_ledger.tell(c, Telling("an", "unlink"), [apart], office.clock.wall_ns()))

    rows, _ = cells(await office.reports.monitoring("2023-H2", Wanted("xlsx")))
    _, tables = words(await office.reports.unit("40.412", "2023-11", Wanted("docx")))

    (half,) = [row for row in rows if "27,272" in row]
    (month,) = [row for table in tables for row in table if "27,272" in row]
    assert half[4:12] == ["–", "–", "–", "–", "27,272", "–", "27,272", "0:08"]
    assert month[3:5] == ["27,272", "0:08"]
    assert any(row[3:5] == ["Ngừng", "0:08"] for table in tables for row in table)


async def test_half_a_year_is_told_of_every_unit(office):
    rows, _ = cells(await office.reports.monitoring("2023-H2", Wanted("xlsx", "now", "SỞ X")))

    assert rows[0][0] == "SỞ X"
    assert [row[1] for row in rows if row[1] in {"Đơn vị 40.412", "Đơn vị 40.413"}] == [
        "Đơn vị 40.412",
        "Đơn vị 40.413",
    ]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda reports: reports.unit("40.999", "2023-11", Wanted()), "no such unit"),
        (lambda reports: reports.unit("40.412", "2024-01", Wanted()), "has not begun"),
        (lambda reports: reports.monitoring("2024-H1", Wanted()), "has not begun"),
        (lambda reports: reports.form08("14/12/2023", None, Wanted()), "is no date"),
        (lambda reports: reports.form08("9999-12-31", None, Wanted()), "is no date"),
        (lambda reports: reports.form08("", ("d.csv", b"id\nS9\n"), Wanted()), r"d\.csv:2: id"),
    ],
)
async def test_what_cannot_be_told_is_refused_with_the_reason(office, ask, said):
    with pytest.raises(RefusedError, match=said):
        await ask(office.reports)


@pytest.mark.parametrize(("format_", "units"), [("pdf", "then"), ("docx", "yesterday")])
def test_a_format_or_a_way_of_counting_nobody_knows_is_refused(format_, units):
    with pytest.raises(RefusedError):
        Wanted(format_, units)


async def test_form_08_is_not_made_of_a_day_that_has_not_begun(office):
    with pytest.raises(RefusedError, match="2023-11-15 has not begun yet"):
        await office.reports.form08("2023-11-15", None, Wanted("xlsx"))


async def test_a_report_on_an_incident_is_a_letter_or_json_with_the_names_of_when_it_was_detected(office):
    alert = office.console.raise_alert(rule="r9", placement=office.registry.placement("A1"))
    said = {"title": "Cổng", "group": "dos", "serious": True}
    kept = await office.console.services.incidents.open([alert.id], said, "an")
    merge(office)

    _, tables = words(await office.reports.incident(kept.number, "initial", "docx"))
    told = json.loads(await office.reports.incident(kept.number, "initial", "json"))

    assert tables[1][1][1] == told["incident"]["places"][0]["unit_name"] == "Đơn vị 40.412"
    for wrong in ((kept.number, "initial", "xlsx"), (kept.number, "inital", "docx"), (99, "initial", "docx")):
        with pytest.raises(RefusedError):
            await office.reports.incident(*wrong)


async def test_half_a_year_tells_of_incidents_as_they_stood_when_it_ended(office):
    alert = office.console.raise_alert(rule="r9")
    incidents, said = office.console.services.incidents, {"title": "Cổng", "group": "dos", "serious": True}
    kept = await incidents.open([alert.id], said, "an")
    office.clock.advance(DECEMBER_NS + 60 * 86_400 * 10**9 - office.clock.wall_ns())
    values = {"serious": False, "group": Group.PHISHING}
    await incidents.move(kept.number, Request(Action.CHANGE, "an", "diễn tập", values=values))

    lines, tables = words(await office.reports.monitoring("2023-H2", Wanted("docx")))
    assert ["Từ chối dịch vụ", "1", "1", "0", "1"] in [row for table in tables for row in table]
    assert any("Báo cáo phải gửi theo luật: 2; gửi đúng hạn: 0; gửi chậm: 0; chưa gửi: 2" in line for line in lines)
