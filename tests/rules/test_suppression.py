# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.absence import AGENT
from giamsat_rules.engine import Engine
from giamsat_rules.suppression import Hidden, Suppression
from giamsat_rules.verdict import Occurrence, Subject

SECOND = 10**9
SCANNER = {"source.ip": "192.0.2.9"}
FAILED = {
    "event.action": "user-login",
    "event.category": ("authentication",),
    "event.outcome": "failure",
    "process.name": "sshd",
    "user.name": "root",
}


def suppression(rules=None, *, number=1, since=0, until=1000, agreed=0, **wanted):
    names = {name.replace("__", "."): value for name, value in wanted.items()}

    def matches(fields):
        return not all(fields.get(name) == value for name, value in names.items())

    named = None if rules is None else frozenset(rules)
    return Suppression(
        number, named, matches, since * SECOND, until * SECOND, None if agreed is None else agreed * SECOND
    )


def raised(engine, *, level=3, unit="40", start=0, address="192.0.2.9"):
    """The rules that speak when one address fails twenty times."""
    subject = Subject("host-1", level, unit, "S1")
    events = [Occurrence(subject, (start + n) * SECOND, FAILED | {"source.ip": address}) for n in range(20)]
    return {verdict.rule for event in events for verdict in engine.judge(event)}


def test_a_scanner_of_ones_own_is_hidden_and_counted_and_another_address_is_not(engine):
    engine.suppressions.every = (suppression(["ssh_brute_force"], source__ip="192.0.2.9"),)

    assert "ssh_brute_force" not in raised(engine)
    assert engine.suppressions.taken() == {Hidden(1, "ssh_brute_force", "40"): 20}
    assert engine.suppressions.taken() == {}
    assert "ssh_brute_force" in raised(engine, address="192.0.2.10")


def test_what_is_hidden_from_one_correlation_counts_for_the_others(engine):
    engine.suppressions.every = (suppression(["ssh_brute_force"], source__ip="192.0.2.9"),)

    raised(engine)
    succeeded = FAILED | SCANNER | {"event.outcome": "success"}
    verdicts = engine.judge(Occurrence(Subject("host-1", 3, "40", "S1"), 21 * SECOND, succeeded))

    assert "ssh_success_after_failures" in {verdict.rule for verdict in verdicts}


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        ({"giamsat__unit": "40"}, True),
        ({"giamsat__unit": "41"}, False),
        ({"giamsat__system": "S1", "giamsat__asset": "host-1"}, True),
        ({"until": 0}, False),
        ({"since": 500}, False),
        ({"agreed": None}, True),
    ],
)
def test_scope_and_time_say_whom_it_reaches(engine, words, hidden):
    engine.suppressions.every = (suppression(["ssh_brute_force"], **words),)

    assert ("ssh_brute_force" not in raised(engine)) is hidden


@pytest.mark.parametrize("level", [4, 5, None])
def test_at_level_4_and_5_and_unclassified_nothing_is_hidden_before_a_second_person_agrees(engine, level):
    engine.suppressions.every = (suppression(agreed=None),)
    alone = raised(engine, level=level)
    engine.suppressions.every = (suppression(agreed=200),)

    assert "ssh_brute_force" in alone
    assert "ssh_brute_force" in raised(engine, level=level, start=179)
    assert raised(engine, level=level, start=200) == set()


def test_a_host_cannot_say_that_it_stands_elsewhere(engine):
    engine.suppressions.every = (suppression(giamsat__unit="41"),)
    event = Occurrence(Subject("host-1", 5, "40"), 0, FAILED | SCANNER | {"giamsat.unit": "41"})

    assert [engine.judge(event) for _ in range(20)][-1]


def test_silence_under_maintenance_is_told_when_the_maintenance_is_over_and_counted_once(engine):
    engine.suppressions.every = (suppression(giamsat__asset="host-1", until=5000),)
    silent = {AGENT: 0}

    during = [engine.judge_presence(Subject("host-1", 3, "40"), silent, at * SECOND) for at in (4000, 4500, 4999)]
    (after,) = engine.judge_presence(Subject("host-1", 3, "40"), silent, 5000 * SECOND)

    assert during == [(), (), ()]
    assert (after.rule, after.change) == ("agent_silent", "raised")
    assert sum(engine.suppressions.taken().values()) == 1


def test_a_condition_that_stands_raised_is_not_said_to_be_over_because_it_is_suppressed(engine):
    subject, silent = Subject("host-1", 3, "40"), {AGENT: 0}
    engine.judge_presence(subject, silent, 4000 * SECOND)
    engine.suppressions.every = (suppression(until=9000),)

    assert engine.judge_presence(subject, silent, 4500 * SECOND) == ()
    assert [each.change for each in engine.judge_presence(subject, {AGENT: 5000 * SECOND}, 5000 * SECOND)] == [
        "cleared"
    ]


def test_another_set_of_rules_goes_on_with_what_is_suppressed(engine, shipped_rules, shipped_pack):
    engine.suppressions.every = (suppression(),)
    following = Engine(shipped_rules, shipped_pack)
    following.remember(engine)

    assert raised(following) == set()
