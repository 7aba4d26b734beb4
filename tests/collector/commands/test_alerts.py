# SPDX-License-Identifier: Apache-2.0
import base64
import json

import pytest

from giamsat_collector.alerts.grouping import opened
from giamsat_collector.alerts.shape import as_full_json, as_json
from giamsat_collector.commands import asking
from giamsat_collector.errors import RefusedError
from support.console_line import line
from support.verdicts import PLACEMENT, verdict

ALERT = as_json(opened(verdict(count=7), PLACEMENT, 1))
FOUND = {"alerts": [ALERT], "more": False}


def test_a_list_is_one_json_object_a_line(tmp_path):
    with line(tmp_path, alerts__list=FOUND) as here:
        result = here.run("alerts", "list", "state=open", "priority=1,2", "--json")

    assert [json.loads(row) for row in result.stdout.splitlines()] == [ALERT]
    assert here.asked == [("alerts.list", {"filters": [["state", "open"], ["priority", "1,2"]], "limit": 200})]


def test_for_people_the_list_is_a_table_with_source_and_count(tmp_path):
    with line(tmp_path, alerts__list=FOUND) as here:
        result = here.run("alerts", "list")

    assert result.exit_code == 0
    assert "192.0.2" in result.stdout


def test_an_id_is_whole_on_a_narrow_terminal_and_all_of_an_alert_is_in_one_line_of_a_file(tmp_path, monkeypatch):
    with line(tmp_path, alerts__list=FOUND) as here:
        (row,) = [row for row in here.run("alerts", "list").stdout.splitlines() if ALERT["id"] in row]
        monkeypatch.setattr(asking.out, "width", 80)
        narrow = here.run("alerts", "list").stdout

    assert ALERT["title"]["vi"] in row
    assert " UTC)" in row
    assert ALERT["id"] in narrow
    assert "…" not in narrow
    assert max(map(len, narrow.splitlines())) <= 80


def test_nothing_found_is_said(tmp_path):
    with line(tmp_path, alerts__list={"alerts": [], "more": False}) as here:
        assert "No alert matches" in here.run("alerts", "list").output


def test_a_cut_list_says_that_it_is_cut(tmp_path):
    with line(tmp_path, alerts__list={**FOUND, "more": True}) as here:
        assert "only the first 1" in here.run("alerts", "list", "--limit", "1").output


@pytest.mark.parametrize(
    ("words", "action", "note", "owner"),
    [
        (["ack", "x"], "acknowledge", "", None),
        (["assign", "x", "--to", "binh"], "assign", "", "binh"),
        (["wait", "x"], "wait", "", None),
        (["close", "x", "--note", "đã chặn"], "resolve", "đã chặn", None),
        (["close", "x", "--note", "quen", "--false-positive"], "false_positive", "quen", None),
        (["reopen", "x", "--note", "lại"], "reopen", "lại", None),
    ],
)
def test_each_move_asks_for_its_action(tmp_path, words, action, note, owner):
    with line(tmp_path, alerts__move=ALERT) as here:
        result = here.run("alerts", *words)

    assert result.exit_code == 0
    ((_, asked),) = here.asked
    assert (asked["alert"], asked["action"], asked["note"], asked["owner"]) == ("x", action, note, owner)


def test_one_alert_is_shown_whole(tmp_path):
    with line(tmp_path, alerts__show={**ALERT, "history": []}) as here:
        assert json.loads(here.run("alerts", "show", "x", "--json").stdout)["history"] == []


def test_one_alert_is_told_to_a_person(tmp_path):
    whole = {
        **as_full_json(opened(verdict(count=7), PLACEMENT, 1), ()),
        "runbook": {"vi": "1. Xem.", "en": "1. Look."},
        "measured_by": None,
        "consequences": 0,
    }
    with line(tmp_path, alerts__show=whole) as here:
        said = here.run("alerts", "show", "x").stdout

    assert "1. Xem." in said
    assert " UTC)" in said


def test_a_mistyped_filter_is_refused_before_anything_is_asked(tmp_path):
    with line(tmp_path) as here:
        result = here.run("alerts", "list", "open")

    assert "write NAME=VALUE" in str(result.exception)
    assert here.asked == []


def test_a_refusal_is_an_error_of_ours(tmp_path):
    with line(tmp_path, alerts__move=RefusedError("no such alert: x")) as here:
        assert isinstance(here.run("alerts", "ack", "x").exception, RefusedError)


PACKETS = {
    "files": {"1": base64.b64encode(b"ethernet").decode(), "101": base64.b64encode(b"raw").decode()},
    "evidence": [{"id": "ab", "interface": "eth0", "frames": 2, "lines": ["Ether / IP / TCP", "[red]Ether"]}],
}


def test_the_packets_behind_an_alert_are_listed_as_they_are(tmp_path):
    with line(tmp_path, alerts__evidence=PACKETS) as here:
        result = here.run("alerts", "evidence", "0a")

    assert result.stdout.splitlines()[1:] == ["  Ether / IP / TCP", "  [red]Ether"]


def test_they_are_written_to_a_file_and_those_of_another_link_type_beside_it(tmp_path):
    with line(tmp_path, alerts__evidence=PACKETS) as here:
        result = here.run("alerts", "evidence", "0a", "--out", tmp_path / "e.pcap")

    assert result.exit_code == 0
    assert (tmp_path / "e.pcap").read_bytes() == b"ethernet"
    assert (tmp_path / "e-link101.pcap").read_bytes() == b"raw"


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    with line(tmp_path, alerts__evidence=PACKETS) as here:
        result = here.run("alerts", "evidence", "0a", "--out", tmp_path / "no" / "e.pcap")

    assert "name another file" in str(result.exception)
