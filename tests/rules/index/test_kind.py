# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.index import kind
from giamsat_rules.index.kind import Kinds
from giamsat_rules.index.needle import Needles
from giamsat_rules.rule import Anchor, Detection, LogSource
from giamsat_rules.scanners import automaton

LINUX = LogSource("linux", "process_creation")


@pytest.fixture
def kinds_of(shipped_rules):
    header = shipped_rules.rules["account_created"].header

    def build(*said):
        rules = [Detection(header, each.pop("source", LogSource()), lambda fields: True, **each) for each in said]
        return Kinds(rules, Needles(rules, automaton), automaton)

    return build


@pytest.mark.parametrize(
    ("said", "fields", "expected"),
    [
        ({"source": LINUX}, {"host.os.type": "linux"}, True),
        ({"source": LINUX}, {"process.executable": "C:\\Windows\\cmd.exe"}, False),
        ({"source": LogSource("linux", None, "sshd")}, {"process.name": "cron"}, False),
        ({"present": frozenset({frozenset({"a", "b"})})}, {"b": ""}, True),
        ({"present": frozenset({frozenset({"a", "b"}), frozenset({"c"})})}, {"b": 1}, False),
        ({"bound": {"event.action": frozenset({"exec"})}}, {"event.action": "EXEC"}, True),
        ({"bound": {"event.action": frozenset({"exec"})}}, {"event.action": "fork"}, False),
        ({"bound": {"event.action": frozenset({"exec"})}}, {}, False),
        ({"bound": {"event.type": frozenset({"start"})}}, {"event.type": ("info", "start")}, True),
        ({"bound": {"event.kind": frozenset({"true"})}}, {"event.kind": True}, True),
        ({"told": frozenset({"/curl"})}, {"process.executable": "/usr/bin/Curl"}, True),
        ({"told": frozenset({"/curl"})}, {"process.executable": "/usr/bin/wget", "x": "/curl"}, False),
    ],
)
def test_a_kind_rules_out_what_no_event_of_it_can_meet(kinds_of, said, fields, expected):
    assert kinds_of(said).of(fields).allowed == expected


def test_events_that_differ_in_other_values_only_are_of_one_kind(kinds_of):
    kinds = kinds_of({})
    one, two, three = (
        kinds.of({"event.action": action, "message": text, "@timestamp": 1})
        for action, text in (("exec", "a"), ("exec", "b"), ("fork", "a"))
    )

    assert one is two
    assert three is not one


def test_only_fields_that_an_allowed_rule_may_find_a_literal_in_are_read(kinds_of):
    literal, fields = Anchor(literals=frozenset({"abc"})), {"a": "", "b": "", "@timestamp": 1, "host.os.type": "linux"}
    somewhere = {"anchor": literal, "reads": frozenset({"b", "host.os.type"})}

    assert list(kinds_of(somewhere).of(fields).reading) == ["b"]
    assert list(kinds_of({"anchor": literal}).of(fields).reading) == ["a", "b"]
    assert list(kinds_of({"reads": frozenset("a")}).of(fields).reading) == []
    assert list(kinds_of(somewhere | {"source": LogSource("windows")}).of(fields).reading) == []


def test_numbers_and_truth_that_compare_equal_are_different_kinds(kinds_of):
    kinds = kinds_of({})

    assert len({id(kinds.of({"event.action": value})) for value in (1, 1.0, True, "1")}) == 4
    assert kinds.of({"event.action": 1}) is kinds.of({"event.action": 1})


def test_what_is_remembered_is_bounded_and_only_what_is_short(kinds_of, monkeypatch):
    monkeypatch.setattr(kind, "MOST", 8)
    kinds = kinds_of({"bound": {"event.action": frozenset({"exec"})}})
    for number in range(50):
        kinds.of({"event.action": f"{number}", f"name.{number}": 1})
        assert (len(kinds._shapes) <= 8, len(kinds._known) <= 8) == (True, True)
    kinds._shapes.clear()
    kinds._known.clear()

    for number in range(5):
        kinds.of({"event.action": f"{number}" + "x" * 8_000})
        kinds.of({"event.category": tuple(f"{number}{each}" for each in range(60))})
        kinds.of({"event.action": "exec", **{f"{number}.{each}" + "n" * 90: 1 for each in range(60)}})

    assert (len(kinds._shapes), len(kinds._known)) == (2, 0)
    assert kinds.of({"event.action": "exec"}).allowed == 1
