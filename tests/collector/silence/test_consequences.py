# SPDX-License-Identifier: Apache-2.0
"""Silence into alerts on real rows by the shipped rules: what stands for what, and that something always does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from giamsat_collector import recording
from giamsat_collector.alerts import ledger, search
from giamsat_collector.alerts.lifecycle import Action, Request
from giamsat_collector.alerts.search import open_by
from giamsat_collector.notify_settings import What
from giamsat_collector.own_host import SELF
from giamsat_wire.record import Event
from support.shift import GRACE, HOSTS, LEVELS, LIMIT, SECOND, TICK, Shift
from support.tables import create_tables
from support.verdicts import verdict


@pytest.fixture
def rows_of():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def shift(rows_of):
    return Shift(rows_of)


A, B = ("a0", "a1", "a2"), ("b0", "b1")


def test_a_units_line_is_one_alert_and_its_hosts_are_told_as_consequences(shift):
    queue, apart = shift.after(300, *A)

    assert (queue, apart) == (["a"], dict.fromkeys(A, "a"))
    cause = shift.one("a")
    assert (cause.rule, cause.unit, cause.level, cause.priority) == ("unit_cut_off", "a", 5, 1)
    assert cause.evidence[0]["giamsat.silent.hosts"] == 3
    assert open_by(shift.connection, "asset") == {("a",): 1}
    assert shift.told == [(What.OPEN, "a")]
    assert shift.after(15) == ([], {})
    assert {alert.state.value for alert in shift.found("")} == {"resolved"}
    assert shift.told == [(What.OPEN, "a"), (What.CLOSE, "a")]


def test_a_consequence_that_outlasts_its_cause_becomes_an_alert_of_its_own_after_a_while(shift):
    shift.after(300, *A)

    assert shift.after(GRACE[5] - TICK, "a0") == ([], {"a0": "a"}), "the line is back; the host may take as long again"
    assert shift.after(2 * TICK, "a0") == (["a0"], {})
    assert shift.told == [(What.OPEN, "a"), (What.CLOSE, "a"), (What.OPEN, "a0")]
    done = [(change.action, change.note) for change in ledger.history(shift.connection, shift.one("a0").id)]
    assert done == [("open", ""), ("behind", shift.one("a").id), ("release", shift.one("a").id)]


def test_what_was_told_before_its_cause_was_known_is_taken_back(shift):
    """a0 was seen 30 s before the others: its time is over before the unit's is."""
    shift.after(35, "a0")
    assert shift.after(45, *A) == (["a0"], {})
    assert shift.after(10, *A) == (["a"], {"a0": "a"})

    assert shift.told == [(What.OPEN, "a0"), (What.OPEN, "a"), (What.CLOSE, "a0")]


def test_what_somebody_took_up_stays_in_the_queue_and_so_does_what_is_taken_up_later(shift):
    shift.after(35, "a0")
    shift.after(45, *A)
    ledger.move(shift.connection, shift.one("a0").id, Request(Action.ACKNOWLEDGE, "an"), 0)
    assert shift.after(40, *A) == (["a", "a0"], dict.fromkeys(A[1:], "a"))

    ledger.move(shift.connection, shift.one("a1").id, Request(Action.ASSIGN, "an", owner="an"), 0)
    assert shift.after(30, *A) == (["a", "a0", "a1"], {"a2": "a"})


def test_a_host_that_was_silent_before_keeps_its_own_alert(shift):
    shift.after(600, "a0")

    assert shift.after(300, *A) == (["a", "a0"], dict.fromkeys(A[1:], "a"))


def test_a_host_whose_agent_said_goodbye_is_behind_no_line(shift):
    shift.fleet.left("a0", "stopped")

    assert shift.after(300, *A) == (["a", "a0"], dict.fromkeys(A[1:], "a"))


def test_the_centres_line_is_one_alert_and_when_it_is_back_a_unit_that_is_not_stands_for_its_hosts(shift):
    away = ("a0", "a1", "a2", "b0", "b1", "c0", "d0")
    queue, apart = shift.after(400, *away)

    assert (queue, apart) == ([SELF], {**dict.fromkeys(away, SELF), "a": SELF, "b": SELF})
    assert (shift.one(SELF).rule, shift.one(SELF).severity) == ("centre_cut_off", "critical")
    assert shift.after(GRACE[5] + TICK, *B) == (["b"], dict.fromkeys(B, "b"))
    assert shift.told == [(What.OPEN, SELF), (What.CLOSE, SELF), (What.OPEN, "b")]


def test_who_closes_the_cause_while_it_goes_on_has_each_host_by_itself(shift):
    shift.after(300, *A)
    ledger.move(shift.connection, shift.one("a").id, Request(Action.FALSE_POSITIVE, "an", note="không phải"), 0)

    assert shift.after(GRACE[5] + 2 * TICK, *A) == (list(A), {})


def test_without_the_rule_there_is_no_cause_and_each_host_stands_for_itself(shift):
    shift.engine.counters.disabled["unit_cut_off"] = "by design"

    assert shift.after(300, *A) == (list(A), {})


@pytest.mark.parametrize("gone", [("agent_silent",), ("agent_silent", "unit_cut_off"), ("unit_cut_off",)])
def test_what_waits_behind_another_comes_into_the_queue_also_when_its_rule_is_not_loaded_any_more(shift, gone):
    away = ("a0", "a1", "a2", "b0", "b1", "c0", "d0")
    shift.after(400, *away)
    shift.engine.absences = tuple(rule for rule in shift.engine.absences if rule.header.name not in gone)
    cause = shift.one(SELF).id
    ledger.move(shift.connection, cause, Request(Action.RESOLVE, "an", note="x"), shift.clock.wall_ns())

    queue, apart = shift.after(GRACE[5] + 3 * TICK, *away)
    assert set(queue) | apart.keys() == {*away, "a", "b"}
    assert set(apart.values()) <= {"a", "b"} & set(queue), "a cause that is told"


def test_after_a_restart_the_same_alerts_stand_for_the_same_hosts(shift):
    before = shift.after(300, *A)
    opened = shift.one("a").id
    shift.clock.advance(3600 * SECOND)
    shift.again()

    assert shift.after(300, *A) == before
    assert shift.one("a").id == opened
    assert shift.told == [(What.OPEN, "a")]


def test_a_restart_ends_no_alert_of_a_line_that_is_still_down(shift):
    """The unit's is told before its hosts' are, and an analyst may have closed one of those: both say it goes on."""
    shift.after(130, *B)
    before = shift.one("b")
    shift.again()

    assert shift.after(60, *B) == (["b"], {}), "how long the hosts are silent counts from the start"
    assert shift.after(120, *B) == (["b"], dict.fromkeys(B, "b"))
    ledger.move(shift.connection, shift.one("b0").id, Request(Action.RESOLVE, "an", note="x"), shift.clock.wall_ns())
    shift.again()
    assert shift.after(60, *B)[0] == ["b"]
    assert (shift.one("b").id, shift.one("b").first_ns) == (before.id, before.first_ns)
    assert shift.silences.outages["b"].since_ns == before.first_ns
    assert shift.told == [(What.OPEN, "b")]


def test_a_restart_ends_no_alert_of_a_centre_that_is_still_cut_off(shift):
    away = ("a0", "a1", "a2", "b0", "b1", "c0", "d0")
    shift.after(60, *away)
    assert shift.queue() == [SELF], "before any of its hosts has an alert"
    shift.again()

    assert shift.after(300, *away)[0] == [SELF]
    assert shift.told == [(What.OPEN, SELF)]


def switch(shift, kind, *hosts, teller="a0", name="sw1"):
    """What an agent tells of the switch before hosts, as an event and, when it is gone, as an alert."""
    fields = {"event.action": kind, "observer.name": name, **({"giamsat.device.hosts": hosts} if hosts else {})}
    now = shift.clock.wall_ns()
    shift.silences.device(teller, Event(kind, now, 0, fields), now)
    if kind == "device-unreachable":
        subject = shift.registry.subject(teller)
        about = {"rule": "device_unreachable", "at": now, "subject": subject, "group": {"observer.name": name}}
        told = verdict(**about, evidence=(fields,))
        recording.record(shift.connection, [(told, False)], shift.registry, now)


def test_behind_a_switch_that_does_not_answer_hosts_are_its_consequence_until_it_does(shift):
    """a0 lives and asks the switch before a1; b0 is another unit's, of which a0 is not believed."""
    shift.after(60, "a1", "b0")
    switch(shift, "device-unreachable", "a0", "a1", "b0")

    assert shift.after(200, "a1", "b0") == (["a0", "b0"], {"a1": "a0"})
    assert shift.one("a0").rule == "device_unreachable"
    switch(shift, "device-reachable")
    assert shift.after(TICK, "a1", "b0") == (["a0", "b0"], {"a1": "a0"})
    assert shift.after(130, "a1", "b0") == (["a0", "a1", "b0"], {}), "its own, as it did not come back"


def test_a_router_that_another_unit_asks_falls_with_the_unit_behind_it(shift):
    """b0 asks the router of unit a over the line that fell: one cause, one alert."""
    shift.after(60, *A)
    switch(shift, "device-unreachable", "a0", "a1", "printer", teller="b0")
    assert shift.after(60, *A) == (["a"], {"b0": "a", **dict.fromkeys(A, "a")})
    shift.again()
    assert shift.after(TICK, *A)[1]["b0"] == "a"

    assert shift.after(300) == ([], {"b0": "a"}), "the line is back, and the router may be asked seldom"
    assert shift.after(900) == (["b0"], {}), "it is still away"


def test_a_device_that_stands_before_none_of_those_that_fell_is_told_beside_them(shift):
    switch(shift, "device-unreachable", teller="b0")
    assert shift.after(300, *A)[0] == ["a", "b0"]


def test_a_router_that_fell_long_before_the_unit_behind_it_is_told_beside_it(shift):
    switch(shift, "device-unreachable", "a0", "a1", teller="b0")
    shift.after(900)

    assert shift.after(300, *A)[0] == ["a", "b0"]


def test_of_two_devices_that_are_away_both_must_stand_before_what_fell(shift):
    shift.after(60, *A)
    switch(shift, "device-unreachable", "a0", teller="b0")
    switch(shift, "device-unreachable", teller="b0", name="printer")
    assert shift.after(60, *A)[0] == ["a", "b0"]

    now = shift.clock.wall_ns()
    subject = shift.registry.subject("b0")
    back = verdict(
        0, change="ended", rule="device_unreachable", at=now, subject=subject, group={"observer.name": "printer"}
    )
    recording.record(shift.connection, [(back, False)], shift.registry, now)
    assert shift.after(TICK, *A)[0] == ["a"]


def test_who_was_silent_long_before_a_switch_is_not_its_consequence(shift):
    shift.after(2400, "a1")
    switch(shift, "device-unreachable", "a1")

    assert shift.after(60, "a1") == (["a0", "a1"], {})


def test_who_is_heard_long_after_a_switch_fell_is_not_its_consequence_until_it_is_told_of_anew(shift):
    """A device that stays away shall not hide a host behind it that dies days later."""
    for teller in ("a2", "a0"):
        switch(shift, "device-unreachable", "a1", teller=teller)
    shift.after(60)

    assert shift.after(200, "a1") == (["a0", "a1", "a2"], {})
    shift.after(60)
    switch(shift, "device-unreachable", "a1", teller="a2")
    assert shift.after(200, "a1") == (["a0", "a2"], {"a1": "a2"}), "what a0 told before says nothing against it"


STEPS = st.lists(
    st.tuples(
        st.sampled_from([15, 40, 80, 160, 300]),
        st.lists(st.sampled_from([*HOSTS, *LEVELS, "all"]), max_size=4),
        st.sampled_from(["nothing", "nothing", "restart", "close a cause", "take a consequence"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_no_silent_host_is_ever_without_an_alert_that_stands_for_it(steps):
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.connect() as connection:
        shift = Shift(connection)
        for seconds, names, deed in steps:
            away = [one for one in HOSTS if "all" in names or one in names or one[0] in names]
            for now in shift.passes(seconds, *away):
                _stands(shift, now)
            _do(shift, deed)
    engine.dispose()


def _stands(shift, now):
    every = {alert.id: alert for alert in search.every_open(shift.connection)}
    by_asset = {(alert.rule, alert.asset): alert for alert in every.values()}
    for contact in shift.fleet:
        level = LEVELS[contact.agent[0]]
        quiet_ns = now - shift.fleet.quiet_since_ns(contact)
        alert = by_asset.get(("agent_silent", contact.agent))
        assert (quiet_ns > LIMIT[level] * SECOND) == (alert is not None)
        if alert is None or alert.cause is None:
            continue
        cause = every.get(alert.cause)
        in_queue = cause is not None and cause.cause is None
        waits = alert.surfaces_ns is not None and now < alert.surfaces_ns <= now + max(GRACE.values()) * SECOND
        assert in_queue or waits


def _do(shift, deed):
    apart = shift.found("consequence")
    if deed == "restart":
        shift.clock.advance(60 * SECOND)
        shift.again()
    elif deed == "close a cause" and apart:
        cause = ledger.get(shift.connection, apart[0].cause)
        if not cause.state.closed:
            ledger.move(shift.connection, cause.id, Request(Action.RESOLVE, "an", note="x"), shift.clock.wall_ns())
    elif deed == "take a consequence" and apart:
        ledger.move(shift.connection, apart[0].id, Request(Action.ACKNOWLEDGE, "an"), shift.clock.wall_ns())
