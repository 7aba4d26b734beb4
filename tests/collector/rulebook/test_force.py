# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.judge import Judge
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.rulebook.force import InForce
from giamsat_collector.rulebook.rulebook import read
from giamsat_rules.engine import Engine
from giamsat_wire.codec import encode_happenings
from support.candidate import candidate
from support.clock import ManualClock
from support.coverage import BOOK as OURS
from support.judging import SECOND, failed_login, stored

NOW = ManualClock().wall_ns()


@pytest.fixture
def judge():
    return Judge(Engine(OURS.rules, OURS.pack), Registry(), HostPages(), Fleet(ManualClock()))


def said(judge, first, last):
    events = [failed_login(NOW + number * SECOND) for number in range(first, last)]
    frames = [stored(one, received_ns=NOW, id_=first + 1) for one in encode_happenings(events)]
    return [verdict.rule for frame in frames for verdict in judge.frame(frame).verdicts]


def test_another_rulebook_judges_from_the_next_frame_on_and_goes_on_with_what_was_seen(judge, tmp_path):
    force = InForce(OURS, judge)
    book = read(candidate(tmp_path, with_rule=True))
    assert said(judge, 0, 4) == []

    force.follow(book, Engine(book.rules, book.pack), 4)

    assert said(judge, 4, 5) == ["ssh_brute_force"]
    assert (force.book, force.number) == (book, 4)
    assert [header.name for name in ("heard_of", "absent") if (header := force.header(name))] == ["heard_of"]


def test_a_rule_that_failed_is_named_and_begins_anew_with_the_next_rulebook(judge):
    force = InForce(OURS, judge)
    judge.engine.counters.disabled["account_created"] = "it raised"
    assert dict(force.disabled) == {"account_created": "it raised"}

    force.follow(OURS, Engine(OURS.rules, OURS.pack), 0)

    assert dict(force.disabled) == {}
