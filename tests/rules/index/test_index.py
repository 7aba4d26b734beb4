# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sigma.conditions import ConditionAND, ConditionNOT, ConditionOR

from giamsat_rules.document import Document
from giamsat_rules.index import needle
from giamsat_rules.index.index import Index
from giamsat_rules.index.needle import LONG
from giamsat_rules.language.sigma import parsed, read_rule
from giamsat_rules.matching.compile import compile_condition
from giamsat_rules.matching.logsource import source_of
from giamsat_rules.rule import Anchor, Detection, LogSource
from giamsat_rules.scanners import automaton, fastest


def detection(header, source, anchor=None):
    return Detection(header, source, lambda fields: True, anchor=anchor)


def shown(index, fields):
    """The detections that an event is shown to."""
    return [rule for rule, _ in index.candidates(fields)]


@pytest.fixture
def header(shipped_rules):
    return shipped_rules.rules["account_created"].header


@pytest.mark.parametrize(
    ("source", "fields", "expected"),
    [
        (LogSource("linux", "iam"), {"event.category": ("iam", "host")}, True),
        (LogSource("linux", "iam"), {"event.category": ("process",)}, False),
        (LogSource("linux", "iam"), {"event.category": "iam"}, True),
        (LogSource("linux", "iam"), {}, True),
        (LogSource("linux", None, "sshd"), {"process.name": "sshd"}, True),
        (LogSource("linux", None, "sshd"), {"process.name": "cron"}, False),
        (LogSource("linux", None, "sshd"), {}, True),
        (LogSource("windows", "process_creation"), {"event.category": ("process",)}, True),
        (LogSource("windows", None, "security"), {"process.name": "x"}, True),
    ],
)
def test_a_log_source_excludes_only_what_it_knows(header, source, fields, expected):
    rule = detection(header, source)

    assert (rule in shown(Index([rule], automaton), fields)) is expected


@pytest.mark.parametrize(
    ("anchor", "fields", "expected"),
    [
        (Anchor(values=frozenset({("event.action", "user-login")})), {"event.action": "User-Login"}, True),
        (Anchor(values=frozenset({("event.action", "user-login")})), {"event.action": "service-failed"}, False),
        (Anchor(values=frozenset({("EventID", 4625.0)})), {"EventID": "4625"}, True),
        (Anchor(values=frozenset({("EventID", 4625.0)})), {"EventID": 4624}, False),
        (Anchor(literals=frozenset({"mimikatz"})), {"a": 1, "b": ("x", "Invoke-MIMIKATZ")}, True),
        (Anchor(literals=frozenset({"mimikatz"})), {"a": "mimi", "b": "katz"}, False),
        (Anchor(fields=frozenset({"Image"})), {"Image": ""}, True),
        (Anchor(fields=frozenset({"Image"})), {"image": "x"}, False),
    ],
)
def test_a_rule_sees_only_events_that_have_what_it_needs(header, anchor, fields, expected):
    rule = detection(header, LogSource(), anchor)

    assert shown(Index([rule], automaton), fields) == [rule] * expected


def test_a_rule_is_shown_an_event_once_and_in_the_order_of_the_rules(header):
    both = Anchor(literals=frozenset({"aa", "bb"}), fields=frozenset({"x"}))
    rules = [detection(header, LogSource()), detection(header, LogSource(), both), detection(header, LogSource())]

    assert [id(each) for each in shown(Index(rules, automaton), {"x": "aabb"})] == [id(each) for each in rules]


FIELDS = (
    *("CommandLine", "Image", "process.executable", "process.command_line", "process.name"),
    *("event.category", "event.action", "event.outcome", "EventID", "@timestamp", "x"),
)
WORDS = ("abc", "ABC", "bcd", "ab", "Đab", "4625", "user-login", "process", "cd?", "", "ΑΣ", "Kab", "İab", "ßab", "ſab")
SOURCES = (
    *({"product": "any"}, {"product": "linux", "service": "abc"}, {"product": "windows"}),
    *({"category": "process_creation"}, {"product": "linux", "category": "process_creation"}),
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=3).map("".join)
PATHS = st.tuples(st.sampled_from(["/opt/", "C:\\", ""]), TEXTS, st.integers(0, 3), TEXTS).map(
    lambda parts: "".join(map(str, parts))
)
LONG_TEXTS = TEXTS.map(lambda text: f"{text} {'z' * LONG}")
VALUES = st.one_of(
    TEXTS, LONG_TEXTS, PATHS, st.integers(4620, 4630), st.booleans(), st.lists(TEXTS, max_size=2).map(tuple)
)
NAMED = st.one_of(st.sampled_from(FIELDS), st.integers(0, 5).map("x.{}".format))
EVENTS = st.lists(st.dictionaries(NAMED, VALUES, max_size=5), min_size=1, max_size=20)
MODIFIERS = st.sampled_from(
    ["", "|contains", "|startswith", "|endswith", "|contains|all", "|cased", "|contains|cased", "|re"]
)
PATTERNS = st.lists(
    st.sampled_from([word for word in WORDS if "?" not in word] + ["a*d", "b?d"]), min_size=1, max_size=3
)
CONDITIONS = (
    "s",
    "s and t",
    "s or t",
    "s and not t",
    "not s",
    "1 of them",
    "all of them",
    "k",
    "k or s",
    "k and not t",
)


@st.composite
def selections(draw):
    modifier = draw(MODIFIERS)
    said = draw(PATTERNS)
    if modifier == "|re":
        said = ["ab+c?", "^x"]
    if not modifier and draw(st.booleans()):
        said = [4625, None, *said]
    return {draw(st.sampled_from(FIELDS)) + modifier: said}


def holds(condition, fields):
    """The condition as it is written: each test by itself, in order."""
    match condition:
        case ConditionAND():
            return all(holds(each, fields) for each in condition.args)
        case ConditionOR():
            return any(holds(each, fields) for each in condition.args)
        case ConditionNOT():
            return not holds(condition.args[0], fields)
        case _:
            return compile_condition(condition)(fields)


def everything(literals):
    class Everywhere:
        def found(self, text):
            return range(len(literals))

    return Everywhere()


WRITTEN = st.tuples(selections(), selections(), PATTERNS, st.sampled_from(CONDITIONS), st.sampled_from(SOURCES))


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(WRITTEN, max_size=6), EVENTS)
def test_prefiltered_hits_are_the_hits_of_every_rule(monkeypatch, said, events):
    detections, conditions = [], {}
    for number, (one, two, keywords, condition, source) in enumerate(said):
        parts = {"s": one, "t": two, "k": [word for word in keywords if word] or ["abc"]}
        value = {
            "title": "r",
            "name": f"r{number}",
            "logsource": source,
            "detection": {
                **{name: parts[name] for name in parts if name != "k" or "k" in condition},
                "condition": condition,
            },
        }
        document = Document(Path("a.yml"), 1, value, {(): 1})
        read = read_rule(document)
        assert read.problems == ()
        detections.append(read.rule)
        conditions[read.rule.header.name] = parsed(document)

    with monkeypatch.context() as patch:
        patch.setattr(needle, "WORTH", 1)
        indexes = [Index(detections, scanning) for scanning in (automaton, fastest())]
    whole = Index(detections, everything)
    for event in events + events:
        from_there = [rule for rule in detections if source_of(event).admits(rule.logsource)]
        names = [rule.header.name for rule in from_there]
        wanted = [name for name in names if any(holds(each, event) for each in conditions[name])]
        assert [rule.header.name for rule in shown(whole, event) if rule.matches(event)] == wanted
        for index in indexes:
            asked = index.candidates(event)
            assert [rule.header.name for rule, left in asked if left(event)] == wanted


def test_what_was_found_in_a_long_text_is_not_looked_for_again_where_it_says_all(rules_of, detection):
    text = "{CommandLine|contains: [abcd, efgh], CommandLine|endswith: z}"
    rule = rules_of(detection("r", text)).rules["r"]
    index, long = Index([rule], fastest()), "z" * LONG
    events = (
        {"process.command_line": f"efgh{long}"},
        {"process.command_line": "efgh"},  # short: it costs less to look again
        {"CommandLine": "efgh", "process.command_line": f"abcd{long}"},  # another name counts first
        {"process.command_line": f"efghß{long}"},  # a letter whose lower case may be others
    )

    lighter = [left is not rule.matches for event in events for _, left in index.candidates(event)]

    assert lighter == [True, False, False, False]


@pytest.mark.parametrize(
    ("selection", "event"),
    [
        ({"event.category|all": ["network", "intrusion_detection"]}, ("network", "intrusion_detection")),
        ({"event.category|all": ["network", "host"]}, ("host", "x", "network")),
    ],
)
def test_a_field_with_several_values_may_meet_each_of_several_demands_by_another(selection, event):
    value = {
        "title": "r",
        "name": "r",
        "logsource": {"product": "any"},
        "detection": {"s": selection, "condition": "s"},
    }
    rule = read_rule(Document(Path("a.yml"), 1, value, {(): 1})).rule
    fields = {"event.category": event}

    assert rule.matches(fields)
    assert shown(Index([rule], automaton), fields) == [rule]


NAMES = st.lists(st.sampled_from(["start", "Allowed", "end"]), min_size=1, max_size=3, unique=True)


@settings(deadline=None, max_examples=60)
@given(NAMES, NAMES, st.sampled_from(["s", "s and t", "s or t", "s and not t"]), NAMES)
def test_a_field_bound_more_than_once_leaves_out_no_event_that_holds(one, two, condition, said):
    value = {
        "title": "r",
        "name": "r",
        "logsource": {"product": "any"},
        "detection": {"s": {"event.type|all": one}, "t": {"event.type": two}, "condition": condition},
    }
    rule = read_rule(Document(Path("a.yml"), 1, value, {(): 1})).rule
    event = {"event.type": tuple(said)}

    assert not rule.matches(event) or shown(Index([rule], automaton), event) == [rule]
