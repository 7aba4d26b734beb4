# SPDX-License-Identifier: Apache-2.0
import base64
import json

import pytest

from giamsat_collector.alerts.grouping import opened
from giamsat_collector.incidents import shape
from giamsat_collector.incidents.duties import owed
from giamsat_collector.incidents.search import Listed, Whole
from support.console_line import line
from support.incidents import HOUR, incident, sent
from support.verdicts import PLACEMENT, verdict

SERIOUS = incident(serious=True, personal_data=True)
ALERT = opened(verdict(count=7), PLACEMENT, 1)
WHOLE = Whole(SERIOUS, (ALERT,), (sent(at_ns=125 * HOUR),), ())
FULL = shape.as_full_json(WHOLE, 170 * HOUR)
SHORT = shape.as_json(Listed(SERIOUS, WHOLE.places, 1, owed(SERIOUS, WHOLE.sent)), 170 * HOUR)


@pytest.fixture
def here(tmp_path):
    answers = {
        "open": FULL,
        "show": FULL,
        "move": FULL,
        "check": None,
        "list": {"incidents": [SHORT], "more": False},
    }
    named = {f"incidents__{name}": answer for name, answer in answers.items()}
    with line(tmp_path, alerts__show=shape.alert_as_json(ALERT), **named) as here:
        yield here


def asked(here, command):
    (words,) = [words for name, words in here.asked if name == command]
    return words


def test_an_incident_is_opened_of_alerts_and_called_what_the_first_is_called(here):
    result = here.run("incidents", "open", "0a", "0b", "--group", "intrusion", "--serious", "--persons", 5, "--json")

    assert json.loads(result.stdout) == FULL
    said = {"group": "intrusion", "title": "Dò mật khẩu SSH", "serious": True, "persons": "5"}
    assert asked(here, "incidents.open") == {"alerts": ["0a", "0b"], "said": said, "reason": ""}


def test_a_dry_run_opens_nothing(here):
    result = here.run("incidents", "open", "0a", "--group", "dos", "--title", "x", "--dry-run")

    assert "nothing is opened" in result.stderr
    assert [name for name, _ in here.asked] == ["alerts.show", "incidents.check"]


def test_one_that_a_person_told_of_is_opened_without_alerts(here):
    words = ("--told-by", "Chị Lan, văn thư xã", "--system", "S1", "--detected", "2026-11-30T07:00")
    here.run("incidents", "open", "--group", "phishing", "--title", "Thư giả", *words)

    said = {"group": "phishing", "title": "Thư giả", "told_by": "Chị Lan, văn thư xã", "system": "S1"}
    assert asked(here, "incidents.open") == {
        "alerts": [],
        "said": said | {"detected": "2026-11-30T07:00"},
        "reason": "",
    }


def test_one_is_exported_into_a_file_and_into_no_other_kind(tmp_path):
    with line(tmp_path, report__stix=base64.b64encode(b"{}").decode()) as here:
        file = tmp_path / "7.json"
        here.run("incidents", "export", 7, "--format", "stix", "--out", file)
        assert (file.read_bytes(), here.asked) == (b"{}", [("report.stix", {"number": 7})])
        assert here.run("incidents", "export", 7, "--out", tmp_path / "7.docx").exception is not None
        assert here.run("incidents", "export", 7, "--format", "misp", "--out", file).exit_code == 2


def test_the_list_says_what_is_due_next(here):
    result = here.run("incidents", "list")

    assert "full" in result.stdout
    assert json.loads(here.run("incidents", "list", "--all", "--json").stdout) == SHORT
    assert [words["states"] for _, words in here.asked] == [["open"], ["open", "closed"]]


def test_one_is_told_with_its_clock_and_how_to_record_the_next_report(here):
    result = here.run("incidents", "show", 7)

    assert "trễ / late 1 h 00 min" in result.stdout
    assert "due soon" in result.stdout
    assert " UTC)" in result.stdout
    assert "giamsat-collector incidents sent 7 full" in result.stderr


@pytest.mark.parametrize(
    ("words", "sent_along"),
    [
        (["add", 7, "0b"], {"action": "add", "note": "", "alerts": ["0b"]}),
        (["remove", 7, "0b", "--note", "khác"], {"action": "remove", "note": "khác", "alerts": ["0b"]}),
        (["note", 7, "--note", "x"], {"action": "note", "note": "x"}),
        (["close", 7, "--note", "x"], {"action": "close", "note": "x"}),
        (["reopen", 7, "--note", "x"], {"action": "reopen", "note": "x"}),
        (["withdraw", 7, "full", "--note", "x"], {"action": "withdraw", "note": "x", "report": "full"}),
        (
            ["sent", 7, "full", "--document", "12/BC", "--at", "2026-11-30T08:15"],
            {"action": "sent", "note": "", "report": "full", "document": "12/BC", "at": "2026-11-30T08:15"},
        ),
        (
            ["change", 7, "--not-serious", "--persons", "", "--reason", "x"],
            {"action": "change", "note": "x", "said": {"serious": False, "persons": ""}},
        ),
    ],
)
def test_each_move_asks_for_its_action(here, words, sent_along):
    result = here.run("incidents", *words, "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (0, FULL)
    assert asked(here, "incidents.move") == {"number": 7, **sent_along}


def test_a_move_says_how_the_incident_stands_and_what_is_due_next(here):
    said = here.run("incidents", "note", 7, "--note", "x").stderr

    assert said.startswith("7: open, 1 cảnh báo / alerts")
    assert "giamsat-collector incidents sent 7 full --document" in said


def test_a_report_is_drawn_up_in_the_format_its_file_is_named_by(tmp_path):
    with line(tmp_path, report__incident=base64.b64encode(b"made").decode()) as here:
        here.run("incidents", "report", 7, "initial", "--out", tmp_path / "r.docx", "--agency", "SỞ X")
        wrong = here.run("incidents", "report", 7, "initial", "--out", tmp_path / "r.xlsx")

    assert (tmp_path / "r.docx").read_bytes() == b"made"
    assert here.asked == [("report.incident", {"format_": "docx", "number": 7, "report": "initial", "agency": "SỞ X"})]
    assert ".docx or .json" in str(wrong.exception)


def test_a_list_that_is_cut_or_empty_says_so(tmp_path):
    with line(tmp_path, incidents__list={"incidents": [], "more": True}) as here:
        said = here.run("incidents", "list").stderr

    assert "incidents open ALERT" in said
    assert "only so many" in said
