# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from giamsat_wire.typed_code import PARTS
from support.console_line import line

TOKEN = {"token": "gs1.a.b.c", "unit": "40.412", "uses": 1, "expires": "2026-01-01T00:00:00.000Z", "address": "c:7444"}
TOKEN |= {"waits": False}
WAITS = {"token": "b", "unit": "40.412", "name": "Vinh", "system": None, "uses": 1, "networks": ["10.40.0.0/16"]}
WAITS |= {"issued_by": "an", "issued": "2026-01-01T00:00:00.000Z", "expires": "2026-01-02T00:00:00.000Z"}
AGENT = {"id": "id-1", "hostname": "srv", "unit": "u", "level": None, "state": "live", "heard": None}
AGENT |= {"certificate_expires": "2026-01-15T00:00:00.000Z", "refused": None}
ISSUED = {
    "issued": [{"unit": "40.412", "name": "Vinh", "token": "gs1." + ".".join("a" * part for part in PARTS)}],
    "waiting": ["40.412"],
    "uses": 1,
    "expires": "2026-01-01T00:00:00.000Z",
    "address": "c:7444",
    "fingerprint": "ab" * 32,
}
UNITS = [
    {"unit": "40.SO.STP", "name": "Sở Tư pháp", "kind": "department", "parent": "40", "state": "done", "why": ""},
    {"unit": "40.412", "name": "Vinh", "kind": "district", "parent": "40", "state": "stuck", "why": "silent"},
    {"unit": "40.412.1", "name": "Xã A", "kind": "commune", "parent": "40.412", "state": "expired", "why": "expired"},
]


def test_only_the_token_goes_to_standard_output(tmp_path):
    with line(tmp_path, enrol__issue=TOKEN) as here:
        result = here.run("enrol", "issue", "--unit", "40.412", "--expires", "7d")

    assert result.stdout == "gs1.a.b.c\n"
    assert "sudo giamsat-agent enrol --collector c:7444" in result.stderr
    assert here.asked[0][1]["expires"] == "7d"


def test_a_token_that_waits_for_a_second_person_says_what_that_one_has_to_run(tmp_path):
    with line(tmp_path, enrol__issue=TOKEN | {"waits": True}) as here:
        result = here.run("enrol", "issue", "--unit", "40.412")

    assert result.stdout == "gs1.a.b.c\n"
    assert "giamsat-collector enrol agree a" in result.stderr


def test_what_waits_is_listed_and_several_are_agreed_to_at_once(tmp_path):
    agreed = [{"token": token, "unit": "40.412", "issued_by": "an"} for token in "bc"]
    with line(tmp_path, enrol__waiting=[WAITS], enrol__agree=agreed) as here:
        shown, rows = here.run("enrol", "waiting"), here.run("enrol", "waiting", "--json")
        done = here.run("enrol", "agree", "b", "c")
    with line(tmp_path, enrol__waiting=[]) as nothing:
        none = nothing.run("enrol", "waiting")

    assert all(word in shown.stdout for word in ("Vinh", "10.40.0.0/16", "an", "02/01/2026"))
    assert json.loads(rows.stdout) == WAITS
    assert here.asked[-1] == ("enrol.agree", {"tokens": ["b", "c"]})
    assert "an + đã đồng ý" in done.stderr
    assert "no token waits" in none.stderr


def test_a_host_without_a_level_is_shown_as_unclassified(tmp_path):
    with line(tmp_path, enrol__agents=[AGENT]) as here:
        assert "chưa" in here.run("enrol", "agents").stdout


def test_revoking_wants_a_reason(tmp_path):
    with line(tmp_path, enrol__revoke=None) as here:
        assert here.run("enrol", "revoke", "id-1").exit_code == 2
        assert here.run("enrol", "revoke", "id-1", "--why", "mất máy").exit_code == 0

    assert [asked["why"] for _, asked in here.asked] == ["mất máy"]


@pytest.fixture
def units(tmp_path):
    """A CSV file with the units that are to get a letter."""
    path = tmp_path / "units.csv"
    path.write_text("code,name_vi\n40.412,Vinh\n40.412,Vinh\n", encoding="utf-8-sig")
    return str(path)


def test_each_unit_gets_two_files_nobody_else_can_read(tmp_path, units):
    folder = tmp_path / "letters"
    with line(tmp_path, enrol__letters=ISSUED) as here:
        result = here.run("enrol", "issue", "--units", units, "--out", str(folder))

    assert result.exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["40.412.docx", "40.412.html"]
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())} == {0}
    assert here.asked[0][1]["units"] == ["40.412"]


def test_letters_are_never_written_over_others_and_no_token_is_spent_on_it(tmp_path, units):
    (tmp_path / "letters").mkdir()
    with line(tmp_path, enrol__letters=ISSUED) as here:
        result = here.run("enrol", "issue", "--units", units, "--out", str(tmp_path / "letters"))

    assert "name a new folder" in str(result.exception)
    assert here.asked == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "either --unit U, or --units"),
        (["--unit", "u", "--units", "f"], "either --unit U, or --units"),
        (["--units", "f"], "together with --out"),
        (["--units", "f", "--out", "d", "--system", "s"], "registry link"),
    ],
)
def test_words_that_do_not_go_together_are_refused_with_those_that_do(tmp_path, words, said):
    with line(tmp_path) as here:
        assert said in str(here.run("enrol", "issue", *words).exception)


@pytest.mark.parametrize("text", ["", "name\nVinh\n"])
def test_a_file_without_units_is_refused_before_anything_is_made(tmp_path, text):
    (tmp_path / "units.csv").write_text(text)
    with line(tmp_path) as here:
        result = here.run("enrol", "issue", "--units", str(tmp_path / "units.csv"), "--out", str(tmp_path / "d"))

    assert "no column code, unit, id" in str(result.exception)
    assert not (tmp_path / "d").exists()


def test_the_status_counts_by_district_and_names_what_is_stuck(tmp_path):
    with line(tmp_path, enrol__status=UNITS) as here:
        districts = here.run("enrol", "status").stdout
        stuck = here.run("enrol", "status", "--stuck").stdout
        rows = [json.loads(row) for row in here.run("enrol", "status", "--json").stdout.splitlines()]

    (vinh,) = (line.split()[-5:] for line in districts.splitlines() if line.strip().startswith("Vinh"))
    assert vinh == ["0", "1", "0", "1", "0"]
    assert "40.412.1" in stuck
    assert "40.SO.STP" not in stuck
    assert rows == UNITS


def test_a_token_is_withdrawn_by_its_id(tmp_path):
    with line(tmp_path, enrol__withdraw=None) as here:
        assert here.run("enrol", "withdraw", "abc").exit_code == 0

    assert here.asked == [("enrol.withdraw", {"token": "abc"})]


def test_one_more_recovery_is_asked_for_by_name(tmp_path):
    with line(tmp_path, enrol__recover=None) as here:
        assert here.run("enrol", "recover", "id-1").exit_code == 0

    assert here.asked[0][1]["agent"] == "id-1"
