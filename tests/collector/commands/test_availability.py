# SPDX-License-Identifier: Apache-2.0
import json

from giamsat_collector.errors import RefusedError
from support.console_line import line

NUMBERS = {"availability": 0.99999, "known": 0.5, "up_minutes": 99, "down_minutes": 61, "unknown_minutes": 160}
DECLARED = {
    "id": 7,
    "system": "HT-1",
    "from": "2026-10-05T15:00Z",
    "to": "2026-10-05T17:00Z",
    "reason": "nâng cấp",
    "author": "an",
    "declared": "2026-10-06T00:00Z",
    "in_advance": False,
    "withdrawn_by": None,
    "second": "bình",
}
ONE = {
    "system": "HT-1",
    "name": "Cổng dịch vụ công",
    "level": 3,
    "unit": "40.412",
    "unit_name": "Thành phố Vinh",
    **NUMBERS,
    "maintenance_minutes": 0,
    "outages": [{"from": "2026-10-01T09:40Z", "to": "2026-10-01T10:41Z", "minutes": 61}],
    "checks": [{"asset": "h1", "check": "portal", **NUMBERS, "maintenance_minutes": 0}],
    "maintenances": [DECLARED],
}
FOUND = {"month": "2026-10", "systems": [ONE], "unchecked": 511}


def test_a_month_is_shown_and_almost_all_is_not_rounded_up_to_all(tmp_path):
    with line(tmp_path, availability__show=FOUND) as here:
        result = here.run("availability", "show", "--month", "2026-10")

    assert here.asked == [("availability.show", {"wanted": "2026-10", "system": ""})]
    assert "511 hệ thống không được kiểm tra" in result.stderr
    assert "100 %" not in result.stdout


def test_one_system_is_shown_with_its_checks_outages_and_maintenance(tmp_path):
    with line(tmp_path, availability__show=FOUND) as here:
        result = here.run("availability", "show", "--system", "HT-1")

    for said in ("portal", "99.999 %", "2026-10-01T09:40Z – 2026-10-01T10:41Z  1 h 01 m", "khai báo muộn", "nâng cấp"):
        assert said in result.stdout


def test_json_is_one_object_a_system_with_its_month(tmp_path):
    with line(tmp_path, availability__show=FOUND) as here:
        result = here.run("availability", "show", "--json")

    assert [json.loads(text) for text in result.stdout.splitlines()] == [{"month": "2026-10", **ONE}]


def test_without_checks_the_next_step_is_said_and_nothing_is_unknown_in_silence(tmp_path):
    empty = {**ONE, "availability": None, "known": 0.0}
    with line(tmp_path, availability__show={**FOUND, "systems": []}) as here:
        nothing = here.run("availability", "show")
    with line(tmp_path, availability__show={**FOUND, "systems": [empty]}) as here:
        unknown = here.run("availability", "show", "--system", "HT-1")

    assert "describe checks as [[check]]" in nothing.stderr
    assert "không rõ" in unknown.stdout


def test_maintenance_is_declared_in_the_name_of_who_did_it_listed_and_withdrawn(tmp_path):
    times = ["--from", "2026-10-05T22:00", "--to", "2026-10-06T00:00", "--reason", "nâng cấp"]
    answers = {
        "availability__declare": [DECLARED],
        "availability__declared": [DECLARED],
        "availability__withdraw": None,
        "availability__agree": None,
    }
    with line(tmp_path, **answers) as here:
        added = here.run("availability", "maintenance", "add", "HT-1", *times)
        listed = here.run("availability", "maintenance", "list", "--json")
        agreed = here.run("availability", "maintenance", "agree", "7")
        back = here.run("availability", "maintenance", "withdraw", "7")
        asked = here.asked

    assert "khai báo muộn / declared late" in added.stdout
    assert json.loads(listed.stdout) == DECLARED
    assert "withdrawn: 7" in back.stderr
    assert " + bình)" in added.stdout
    assert "agreed: 7" in agreed.stderr
    assert (asked[2], asked[3][1]["number"]) == (("availability.agree", {"number": 7}), 7)


def test_a_refusal_of_the_collector_is_the_error(tmp_path):
    with line(tmp_path, availability__show=RefusedError("2026-13 is no month")) as here:
        result = here.run("availability", "show", "--month", "2026-13")

    assert "no month" in str(result.exception)
