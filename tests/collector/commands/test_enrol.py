# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from support.console_line import line

TOKEN = {"token": "gs1.a.b.c", "unit": "40.412", "uses": 1, "expires": "2026-01-01T00:00:00.000Z", "address": "c:7444"}
TOKEN |= {"waits": False}
WAITS = {"token": "b", "unit": "40.412", "name": "Vinh", "system": None, "uses": 1, "networks": ["10.40.0.0/16"]}
WAITS |= {"issued_by": "an", "issued": "2026-01-01T00:00:00.000Z", "expires": "2026-01-02T00:00:00.000Z"}
AGENT = {"id": "id-1", "hostname": "srv", "unit": "u", "level": None, "state": "live", "heard": None}
AGENT |= {"certificate_expires": "2026-01-15T00:00:00.000Z", "refused": None}


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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "either --unit U, or --units"),
        (["--unit", "u", "--units", "f"], "either --unit U, or --units"),
        (["--units", "f"], "together with --out"),
        (["--units", "f", "--out", "d", "--system", "s"], "column 'system'"),
    ],
)
def test_words_that_do_not_go_together_are_refused_with_those_that_do(tmp_path, words, said):
    with line(tmp_path) as here:
        assert said in str(here.run("enrol", "issue", *words).exception)


def test_a_token_is_withdrawn_by_its_id(tmp_path):
    with line(tmp_path, enrol__withdraw=None) as here:
        assert here.run("enrol", "withdraw", "abc").exit_code == 0

    assert here.asked == [("enrol.withdraw", {"token": "abc"})]


def test_one_more_recovery_is_asked_for_by_name(tmp_path):
    with line(tmp_path, enrol__recover=None) as here:
        assert here.run("enrol", "recover", "id-1").exit_code == 0

    assert here.asked[0][1]["agent"] == "id-1"
