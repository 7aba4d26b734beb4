# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.kind import Kinds, flags
from giamsat_rules.rule import Detection, LogSource

LINUX = LogSource("linux", "process_creation")


@pytest.fixture
def allowed(shipped_rules):
    header = shipped_rules.rules["account_created"].header

    def ask(fields, source=None, **said):
        rule = Detection(header, source or LogSource(), lambda fields: True, **said)
        return Kinds([rule]).of(fields).allowed == 1

    return ask


@pytest.mark.parametrize(
    ("said", "fields", "expected"),
    [
        ({"source": LINUX}, {"host.os.type": "linux"}, True),
        ({"source": LINUX}, {"process.executable": "C:\\Windows\\cmd.exe"}, False),
        ({"present": frozenset({frozenset({"a", "b"})})}, {"b": ""}, True),
        ({"present": frozenset({frozenset({"a", "b"}), frozenset({"c"})})}, {"b": 1}, False),
        ({"bound": {"event.action": frozenset({"exec"})}}, {"event.action": "EXEC"}, True),
        ({"bound": {"event.action": frozenset({"exec"})}}, {"event.action": "fork"}, False),
        ({"bound": {"event.action": frozenset({"exec"})}}, {}, False),
        ({"bound": {"event.type": frozenset({"start"})}}, {"event.type": ("info", "start")}, True),
        ({"bound": {"event.kind": frozenset({"true"})}}, {"event.kind": True}, True),
    ],
)
def test_a_kind_rules_out_what_no_event_of_it_can_meet(allowed, said, fields, expected):
    assert allowed(fields, **said) is expected


def test_events_that_differ_in_other_values_only_are_of_one_kind():
    kinds = Kinds([])
    one, two, three = (
        kinds.of({"event.action": action, "message": text, "@timestamp": 1})
        for action, text in (("exec", "a"), ("exec", "b"), ("fork", "a"))
    )

    assert one is two
    assert three is not one
    assert (one.fields, one.rest) == ({"event.action": "exec"}, ("message",))


def test_numbers_and_truth_that_compare_equal_are_different_kinds():
    kinds = Kinds([])

    assert len({id(kinds.of({"event.action": value})) for value in (1, 1.0, True, "1")}) == 4


def test_a_set_is_written_with_a_byte_for_each_of_its_detections():
    assert flags(0b101, 4) == bytes([1, 0, 1, 0])
