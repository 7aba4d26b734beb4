# SPDX-License-Identifier: Apache-2.0
import base64
import json
import zlib

from giamsat_collector.commands import indicators
from giamsat_collector.errors import CollectorError
from support.console_line import line

CHANGE = {
    "name": "ncsc",
    "entries": 30,
    "added": 25,
    "removed": 1,
    "changed": 2,
    "unchanged": 3,
    "coming": ["evil.example"],
    "going": ["203.0.113.9"],
    "left_out": {"expired": 4},
    "problems": [],
}
LISTED = {
    "name": "ncsc",
    "source": "Trung tâm",
    "document": "",
    "brought": "2026-11-01T01:00:00.000Z",
    "brought_by": "an",
    "renewed_days": 7,
    "overdue": 2.1,
    "entries": 30,
    "standing": 28,
    "hits": 5,
    "last_hit": "2026-11-02T01:00:00.000Z",
}
MATCH = {
    "value": "evil.example",
    "list": "ncsc",
    "confidence": 75,
    "since": "2026-11-01T00:00:00.000Z",
    "until": "2027-04-30T00:00:00.000Z",
    "source": "Trung tâm",
    "comment": "mã độc",
    "other_lists": ["khac"],
}


def test_a_file_is_sent_and_what_it_changes_printed(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("evil.example\n")
    with line(tmp_path, indicators__import=CHANGE) as here:
        result = here.run("indicators", "import", "ncsc", file, "--source", "Trung tâm", "--dry-run")
        as_json = here.run("indicators", "import", "ncsc", file, "--json")

    (_, asked), _ = here.asked
    assert zlib.decompress(base64.b64decode(asked.pop("file"))) == b"evil.example\n"
    assert asked == {
        "name": "ncsc",
        "source": "Trung tâm",
        "document": "",
        "expires_days": 180,
        "renewed_days": 7,
        "confidence": 75,
        "lenient": False,
        "dry_run": True,
    }
    assert result.stdout.splitlines() == ["+ evil.example", "+ … 24 nữa / more", "- 203.0.113.9", "ncsc: +25 -1 ~2 =3"]
    assert "expired: 4" in result.stderr
    assert "chỉ xem trước" in result.stderr
    assert json.loads(as_json.stdout) == CHANGE
    assert "indicators hunt --list ncsc" in as_json.stderr


def test_problems_are_told_by_line_and_end_in_an_error(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("10.0.0.1\n")
    with line(tmp_path, indicators__import={**CHANGE, "added": 0, "problems": ["line 1: 10.0.0.1 is private"]}) as here:
        result = here.run("indicators", "import", "ncsc", file)

    assert "line 1: 10.0.0.1 is private" in result.stderr
    assert isinstance(result.exception, CollectorError)
    assert "--lenient" in str(result.exception)


def test_a_file_that_is_not_there_or_too_large_is_not_sent(tmp_path, monkeypatch):
    large = tmp_path / "large.txt"
    large.write_bytes(bytes(2_000))
    monkeypatch.setattr(indicators, "FILE_BYTES", 1_000)
    with line(tmp_path) as here:
        missing = here.run("indicators", "import", "ncsc", tmp_path / "none.txt")
        refused = here.run("indicators", "import", "ncsc", large)

    assert "cannot be read" in str(missing.exception)
    assert "larger than" in str(refused.exception)


def test_lists_are_shown_with_their_age_and_what_they_met(tmp_path):
    with line(tmp_path, indicators__list=[LISTED]) as here:
        shown, as_json = here.run("indicators", "list"), here.run("indicators", "list", "--json")

    assert "28/30" in shown.stdout
    assert "01/11/2026 08:00:00 (01:00:00 UTC)" in shown.stdout
    assert "khớp / met 5" in shown.stdout
    assert "quá hạn làm mới" in shown.stdout
    assert json.loads(as_json.stdout) == LISTED


def test_without_any_the_next_step_is_said(tmp_path):
    with line(tmp_path, indicators__list=[]) as here:
        assert "indicators import NAME FILE" in here.run("indicators", "list").stderr


def test_a_list_is_taken_away_or_only_shown(tmp_path):
    with line(tmp_path, indicators__remove={**LISTED, "last_hit": None, "source": "", "overdue": 0}) as here:
        preview, done = here.run("indicators", "remove", "ncsc", "--dry-run"), here.run("indicators", "remove", "ncsc")

    assert [asked["dry_run"] for _, asked in here.asked] == [True, False]
    assert "chỉ xem trước" in preview.stderr
    assert "đã bỏ ncsc" in done.stderr


def test_values_are_checked(tmp_path):
    found = [{"value": "x.evil.example", "match": MATCH}, {"value": "good.example", "match": None}]
    with line(tmp_path, indicators__check=found) as here:
        shown = here.run("indicators", "check", "x.evil.example", "good.example").stdout.splitlines()
        as_json = here.run("indicators", "check", "x.evil.example", "good.example", "--json").stdout.splitlines()

    assert shown[0].startswith("x.evil.example: evil.example  ncsc  tin cậy / confidence 75  2026-11-01 → 2027-04-30")
    assert shown[0].endswith("Trung tâm · mã độc · khac")
    assert shown[1] == "good.example: không có trong danh sách nào / in no list"
    assert [json.loads(each) for each in as_json] == found
