# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.alerts.causes import GRACE_NS, Open, Placing, placings

NOW = 1_000


def decided(one, standing, *, grace=None, now=NOW):
    return list(placings([one], standing, grace or {}, now))


def alert(cause=None, surfaces=None, *, free=True):
    return Open("a1", "h1", cause, surfaces, free)


def test_what_a_standing_alert_explains_goes_behind_it():
    assert decided(alert(), {"h1": "c1"}) == [Placing("a1", "c1", None)]
    assert decided(alert("c1"), {"h1": "c1"}) == []


def test_what_somebody_took_up_stays_with_them():
    assert decided(alert(free=False), {"h1": "c1"}) == []


def test_no_alert_stands_behind_itself():
    assert decided(alert(), {"h1": "a1"}) == []


def test_a_wider_cause_takes_over():
    assert decided(alert("c1"), {"h1": "c2"}) == [Placing("a1", "c2", None)]


def test_when_its_cause_is_over_it_waits_a_while_and_then_stands_by_itself():
    assert decided(alert("c1"), {}) == [Placing("a1", "c1", NOW + GRACE_NS)]
    assert decided(alert("c1"), {}, grace={"c1": 50}) == [Placing("a1", "c1", NOW + 50)]
    assert decided(alert("c1", NOW + 1), {}) == []
    assert decided(alert("c1", NOW), {}) == [Placing("a1", None, None)]


def test_a_cause_that_is_back_ends_the_wait():
    assert decided(alert("c1", NOW + 1), {"h1": "c1"}) == [Placing("a1", "c1", None)]
