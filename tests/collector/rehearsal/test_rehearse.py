# SPDX-License-Identifier: Apache-2.0
from datetime import date

import pytest

from giamsat_collector.rehearsal.rehearse import Key, Rehearsal
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Subject
from giamsat_wire.clock import SystemClock
from giamsat_wire.lane import Lane
from support.stored import DAY_NS, NOON_NS, holding, stored

FAILED = {"event__outcome": "failure", "source__ip": "192.0.2.7", "process__name": "sshd", "user__name": "root"}


class Places:
    """Every asset is of level 3 and of one unit."""

    def subject(self, asset, at_ns=None):
        return Subject(asset, 3, "40.412")


@pytest.fixture
def rehearsal():
    return Rehearsal(load_rules(shipped().detections), load_pack(shipped().pack), Places(), SystemClock())


def guesses(rehearsal, number, at_ns=NOON_NS, agent="A1"):
    for index in range(number):
        rehearsal.frame(holding(index + 1, received_ns=at_ns + index, agent=agent, **FAILED))


def test_an_alert_is_one_rule_one_asset_and_one_day(rehearsal):
    guesses(rehearsal, 10)
    guesses(rehearsal, 8, agent="A2")
    guesses(rehearsal, 9, at_ns=NOON_NS + DAY_NS)

    found = rehearsal.outcome()

    assert {
        (key.day.day, key.asset): alert.count for key, alert in found.alerts.items() if key.rule == "ssh_brute_force"
    } == {(15, "A1"): 10, (15, "A2"): 8, (16, "A1"): 9}
    alert = found.alerts[Key(date(2027, 1, 15), "ssh_brute_force", "A1")]
    assert (alert.unit, alert.level) == ("40.412", 3)
    assert found.judging_ns > 0
    assert found.left_out > 0


def test_of_what_tells_of_one_attack_one_alert_would_have_stood_in_the_queue(rehearsal):
    for index in range(20):
        failed = {**FAILED, "user__name": f"user-{index}"}
        rehearsal.frame(holding(index + 1, received_ns=NOON_NS + index, agent="A1", **failed))
    guesses(rehearsal, 10, agent="A2")
    guesses(rehearsal, 10, at_ns=NOON_NS + DAY_NS)

    found = rehearsal.outcome()

    assert {(key.rule, key.asset, key.day.day): alert.behind for key, alert in found.alerts.items()} == {
        ("password_spraying", "A1", 15): None,
        ("ssh_brute_force", "A1", 15): "password_spraying",
        ("slow_password_guessing", "A1", 15): "password_spraying",
        ("ssh_brute_force", "A2", 15): None,
        ("ssh_brute_force", "A1", 16): None,
    }
    assert found.queued == 3


def test_rules_on_lists_are_told_as_not_rehearsed():
    rules = load_rules(shipped().detections)
    alone = Rehearsal(rules.alone("known_bad_contact"), load_pack(shipped().pack), Places(), SystemClock())

    assert alone.outcome().left_out == 2


def test_a_frame_that_cannot_be_read_says_nothing(rehearsal):
    rehearsal.frame(stored(1, payload=b"\xff" * 9, lane=Lane.EVENT))

    assert rehearsal.outcome().alerts == {}
