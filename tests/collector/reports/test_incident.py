# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.alerts.grouping import opened
from giamsat_collector.incidents.duties import DUTIES
from giamsat_collector.incidents.incident import Group, Report
from giamsat_collector.incidents.search import Whole
from giamsat_collector.reports.docx import word
from giamsat_collector.reports.incident import BLANK, FORM, LISTED, TITLES, Drawn, as_json, compose
from giamsat_collector.reports.wording import GROUPS, SENT_REPORTS
from support.incidents import HOUR, incident, sent
from support.reading import words
from support.reporting import AFTER
from support.verdicts import PLACEMENT, verdict

KNOWN = incident(
    serious=True,
    personal_data=True,
    detected_why="đơn vị gọi điện",
    first_actions="ngắt mạng\ngiữ nhật ký",
    cause="lỗ hổng",
    scope="một máy",
    remedy="đã vá",
)
PLACE = replace(PLACEMENT, unit="u2", system="S2", level=2)


def drawn(report, one=KNOWN, number=1, **parts):
    place = parts.pop("place", PLACE)
    alerts = tuple(opened(verdict(rule=f"r{at}", at=99 * HOUR), place, 100 * HOUR + at) for at in range(number))
    return Drawn(Whole(one, alerts, parts.pop("its", ()), ()), report, AFTER, ZoneInfo("Asia/Ho_Chi_Minh"), 120 * HOUR)


def said(report, *given, **parts):
    """Every line of the paper, as a person reads the file."""
    lines, tables = words(word(compose(drawn(report, *given, **parts), "")))
    return lines, tables


@pytest.mark.parametrize("report", list(Report))
def test_every_report_says_to_whom_by_which_law_until_when_and_that_no_form_was_issued(report):
    lines, tables = said(report)

    text = "\n".join(lines)
    assert lines[0] == FORM
    assert TITLES[report] in lines
    assert f"Kính gửi: {DUTIES[report].addressee}" in lines
    assert DUTIES[report].law in text
    assert "chưa có mẫu chính thức" in text
    assert "Thời điểm phát hiện: 12 giờ 00 phút, ngày 05/01/1970 (04:00 UTC), lý do lấy thời điểm này: đơn vị" in text
    assert tables[1][1] == ["1", "Xã u2", "Cổng", "2", "1"]
    assert tables[2][1][1:4] == ["12:00 05/01/1970 (04:00 UTC)", "Dò mật khẩu SSH", "máy-1"]


def test_one_that_a_person_told_of_names_them_and_the_place_and_claims_no_alert():
    told = replace(KNOWN, told_by="Chị Lan gọi điện", unit="u2", system="S2", level=2)

    lines, tables = said(Report.INITIAL, told, 0)
    assert "- Nguồn phát hiện: Chị Lan gọi điện;" in lines
    assert "- Thời điểm xảy ra sự kiện đầu tiên được ghi nhận: hệ thống giám sát chưa ghi nhận;" in lines
    assert "Hệ thống giám sát chưa có cảnh báo nào về sự cố này." in lines
    assert tables[1][1] == ["1", "Xã u2", "Cổng", "2", "0"]
    lines, _ = said(Report.INITIAL, told)
    assert "- Nguồn phát hiện: Chị Lan gọi điện và hệ thống giám sát an ninh mạng tập trung;" in lines


def test_everything_has_a_word():
    assert set(GROUPS) == set(Group)
    assert set(TITLES) == set(SENT_REPORTS) == set(Report)


def test_what_is_not_known_is_left_to_write_and_nothing_is_claimed():
    lines, tables = said(
        Report.FULL, incident(serious=True, personal_data=True), place=replace(PLACE, unit="", level=None)
    )

    for heading in ("5. Nguyên nhân", "6. Phạm vi, thiệt hại", "7. Biện pháp khắc phục"):
        assert lines[lines.index(heading) + 1] == BLANK
    assert "- Dữ liệu cá nhân: có, số người chưa xác định;" in lines
    assert lines[lines.index("8. Báo cáo đã gửi trước đó") + 1] == "Chưa có."
    assert tables[1][1][:4] == ["1", "", "Cổng", "Chưa phân loại"]


def test_the_72_hour_report_has_cause_scope_and_remedy_and_what_was_sent_before():
    lines, _ = said(Report.FULL, its=(sent(), sent(Report.FULL, withdrawn_ns=1)))

    assert [lines[lines.index(heading) + 1] for heading in ("5. Nguyên nhân", "7. Biện pháp khắc phục")] == [
        "lỗ hổng",
        "đã vá",
    ]
    before = lines.index("8. Báo cáo đã gửi trước đó")
    assert lines[before + 1].startswith("- Thông báo ban đầu: số 12/BC, ")
    assert lines[before + 2].startswith("9.")
    assert "lỗ hổng" not in "\n".join(said(Report.INITIAL)[0])


def test_the_notice_on_personal_data_says_how_many_people():
    lines, _ = said(Report.PERSONAL_DATA, replace(KNOWN, persons=12_500))

    assert lines[lines.index("5. Số lượng chủ thể dữ liệu") + 1] == "12.500"
    assert "- Dữ liệu cá nhân: có, liên quan 12.500 người;" in lines


def test_a_count_of_seven_digits_stands_in_one_line():
    seen = [
        part.table for part in compose(drawn(Report.INITIAL), "").parts if part.table and "Số lần" in part.table.heads
    ]

    assert [table.widths[0] >= 3 * 3 + 3.8 for table in seen] == [True]
    assert [table.widths[-1] >= 7 * 2.0 + 3.8 for table in seen] == [True]  # digits of 10 points, a cell's margins


def test_a_long_list_of_alerts_is_cut_and_says_so():
    lines, tables = said(Report.INITIAL, number=LISTED + 5)

    assert f"Liệt kê {LISTED} trong {LISTED + 5} cảnh báo, sớm nhất trước." in lines
    assert len(tables[2]) == LISTED + 1


def test_for_a_program_it_is_marked_as_no_official_form_and_holds_no_internal_notes():
    told = json.loads(json.dumps(as_json(drawn(Report.INITIAL))))

    assert (told["report"], told["official_form"], told["due"]) == ("initial", False, "1970-01-06T04:00:00.000Z")
    assert "history" not in told["incident"]
    assert told["incident"]["places"] == [
        {"unit": "u2", "system": "S2", "level": 2, "unit_name": "Xã u2", "system_name": "Cổng"}
    ]
