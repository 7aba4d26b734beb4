# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from giamsat_rules.engine import Engine
from giamsat_rules.evaluate import LineError, hits, read_line, stamp


def line(said, number=1, before_ns=7):
    return read_line(json.dumps(said), number, level=3, before_ns=before_ns)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"source": {"ip": "192.0.2.1"}}, {"source.ip": "192.0.2.1"}),
        ({"source.ip": "192.0.2.1"}, {"source.ip": "192.0.2.1"}),
        ({"a": None, "b": [1, "x", {"y": 2}]}, {"b": ("1", "x", '{"y": 2}'), "b.y": ("2",)}),
        (
            {"to": [{"id": "x", "also": {"n": True}}, {"id": ["y", "z"]}]},
            {
                "to": ('{"id": "x", "also": {"n": true}}', '{"id": ["y", "z"]}'),
                "to.id": ("x", "y", "z"),
                "to.also.n": ("true",),
            },
        ),
        (
            {"line": 1, "parser": "sshd", "raw": "text", "event": {"user": {"name": "an"}}},
            {"user.name": "an", "event.original": "text"},
        ),
        (
            {"class": "x", "first": "2026-01-01T00:00:00Z", "event": {"event.action": "packet-anomaly", "n": ["a"]}},
            {"event.action": "packet-anomaly", "n": ("a",), "@timestamp": "2026-01-01T00:00:00Z"},
        ),
        (
            {"Event": {"System": {"EventID": 4688}, "EventData": {"NewProcessName": "C:\\x.exe"}}},
            {
                "Event.System.EventID": 4688,
                "EventID": 4688,
                "Event.EventData.NewProcessName": "C:\\x.exe",
                "NewProcessName": "C:\\x.exe",
                "Image": "C:\\x.exe",
            },
        ),
        (
            {"winlog": {"event_data": {"Image": "C:\\y.exe"}}, "Image": "its own"},
            {"winlog.event_data.Image": "C:\\y.exe", "Image": "its own"},
        ),
        (
            {"class": "of another tool", "event": {"action": "packet-anomaly"}},
            {"class": "of another tool", "event.action": "packet-anomaly"},
        ),
    ],
)
def test_a_line_becomes_dotted_fields(said, fields):
    assert line(said).fields == fields


@pytest.mark.parametrize(
    ("said", "at_ns"),
    [
        ({"@timestamp": "2026-01-01T00:00:00.000001Z"}, 1767225600_000001000),
        ({"@timestamp": "2026-01-01T07:00:00+07:00"}, 1767225600_000000000),
        ({"UtcTime": "2026-01-01 00:00:00"}, 1767225600_000000000),
        ({"first": 1.5}, 1_500_000_000),
        ({"@timestamp": "soon"}, 7),
        ({"@timestamp": 1e300}, 7),
        ({}, 7),
    ],
)
def test_a_time_is_taken_where_there_is_one(said, at_ns):
    assert line(said).at_ns == at_ns


@pytest.mark.parametrize("text", ["", "{", "[1]", "1", '{"a":' * 40 + "1" + "}" * 40, "[" * 100_000])
def test_what_is_no_event_is_refused(text):
    with pytest.raises(LineError):
        read_line(text, 1, level=None, before_ns=0)


def test_an_episode_is_one_hit_with_every_line(shipped_rules, shipped_pack):
    said = {
        "event": {"action": "user-login", "outcome": "failure"},
        "process": {"name": "sshd"},
        "source": {"ip": "::1"},
    }
    occurrences = [line({**said, "first": n}, n) for n in range(1, 31)]

    (hit,) = hits(Engine(shipped_rules, shipped_pack), occurrences)

    assert hit.as_json() == {
        "rule": "ssh_brute_force",
        "kind": "alert",
        "severity": "medium",
        "level": 3,
        "group": {"source.ip": "::1"},
        "count": 30,
        "first": "1970-01-01T00:00:01.000000Z",
        "last": "1970-01-01T00:00:30.000000Z",
        "lines": list(range(1, 31)),
    }


def test_a_second_episode_is_a_second_hit(shipped_rules, shipped_pack):
    said = {"event.action": "user-login", "event.outcome": "failure", "process.name": "sshd", "source.ip": "::1"}
    occurrences = [line({**said, "first": n + gap}, n) for gap in (0, 9000) for n in range(1, 11)]

    assert [hit.count for hit in hits(Engine(shipped_rules, shipped_pack), occurrences)] == [10, 10]


def test_a_stamp_is_utc():
    assert stamp(0) == "1970-01-01T00:00:00.000000Z"
