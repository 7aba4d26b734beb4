# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from zoneinfo import ZoneInfo

from giamsat_collector.alerts import grouping
from giamsat_collector.console.language import Language
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.evidence import Event, kept
from support.verdicts import PLACEMENT, verdict

READER = Reader(Language("vi", "Tiếng Việt"), ZoneInfo("UTC"), 0)


def test_an_event_is_printed_whole_with_its_lists():
    fields = {
        "event.original": "raw <line>",
        "event.category": ("authentication", "session"),
        "process.pid": 7,
        "user.name": "an",
        "@timestamp": 0,
    }
    event = Event.of(fields, READER)

    assert (event.headline, event.original, event.at.iso) == ("an", "raw <line>", "1970-01-01T00:00:00Z")
    assert event.fields == (
        ("@timestamp", "0"),
        ("event.category", "authentication, session"),
        ("process.pid", "7"),
        ("user.name", "an"),
    )


def test_how_many_events_are_kept_is_said():
    alert = grouping.opened(verdict(), PLACEMENT, 0)

    assert [kept(each, READER) for each in (alert, replace(alert, count=9), replace(alert, evidence=()))] == [
        "Toàn bộ 1 sự kiện.",
        "Giữ 1 sự kiện đầu tiên trong 9.",
        "Quy tắc này không kèm sự kiện gốc.",
    ]


def test_a_headline_is_read_at_a_glance_however_long_a_command_is():
    event = Event.of({"event.action": "process-started", "process.command_line": "x" * 4_000}, READER)

    assert event.headline == f"process-started · {'x' * 160}…"
    assert event.fields[1] == ("process.command_line", "x" * 4_000)
