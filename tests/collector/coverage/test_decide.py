# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_collector.coverage.decide import DAY_S, ENROL, State, decide
from giamsat_collector.coverage.evidence import Attestation, Eased, HostEvidence, SystemEvidence
from support.coverage import OBLIGATIONS

HOST = HostEvidence(
    "A1", "may-1", quiet_s=5.0, allowed_s=37.5, offset_s=0.001, logs={"journald": 60.0}, captures=1, flows_s=30.0
)
SYSTEM = SystemEvidence(
    system="S1",
    level=1,
    hosts=(HOST,),
    kept_s=3 * DAY_S,
    watched_s=3 * DAY_S,
    offset_limit_s=0.4,
    log_silent_s=DAY_S,
)
DUTY = Attestation("monitor.around_the_clock", "met", "12/QĐ-STTTT", "trực ca", "2030-01-01")


def decided(**words):
    return decide(OBLIGATIONS, replace(SYSTEM, **words))


def states(**words):
    return {finding.obligation.id: finding.state for finding in decided(**words).findings}


def test_a_system_of_which_everything_arrives_is_met():
    assert decided().state is State.MET
    assert set(states().values()) == {State.MET}


def test_a_system_owes_what_its_level_owes():
    assert set(states(level=1)) < set(states(level=3)) < set(states(level=5))


@pytest.mark.parametrize(
    ("name", "exempt"),
    [
        ("clock_offset_seconds", {"time.sync", "monitor.security"}),
        ("log_source_silent_after", {"log.host", "monitor.security"}),
        ("web_attack", {"monitor.security"}),
    ],
)
def test_what_is_met_by_less_than_the_level_asks_for_is_exempt_by_that_document(name, exempt):
    eased = (Eased(name, "12/QĐ", "2027-03-31"),)
    found = decided(eased=eased)

    assert found.state is State.MET
    assert {one for one, state in states(eased=eased).items() if state is State.EXEMPT} == exempt
    (reason,) = [one.reason for one in found.findings if one.obligation.id == "monitor.security"]
    assert reason.en == f"12/QĐ: {name} eased, until 2027-03-31"


def test_a_fraction_is_written_as_each_language_writes_it():
    found = decided(hosts=(replace(HOST, offset_s=9.0),))
    (reason,) = [one.reason for one in found.findings if one.obligation.id == "time.sync"]

    assert ("quá 0,4 s" in reason.vi, "than 0.4 s" in reason.en) == (True, True)


def test_what_is_not_met_all_the_same_is_not_exempt():
    late = replace(HOST, offset_s=9.0)

    assert (
        states(hosts=(late,), eased=(Eased("clock_offset_seconds", "12/QĐ", "2027-03-31"),))["time.sync"] is State.UNMET
    )


@pytest.mark.parametrize("hosts", [(), (replace(HOST, quiet_s=None),)], ids=["no host", "never heard"])
def test_without_data_nothing_is_met(hosts):
    found = decided(hosts=hosts)

    assert found.state is State.UNKNOWN
    assert {finding.state for finding in found.findings} == {State.UNKNOWN}


def test_where_nothing_ever_arrived_the_one_next_step_is_an_agent_and_elsewhere_that_of_the_obligation():
    assert {finding.step for finding in decided(hosts=()).findings if finding.obligation.id != DUTY.obligation} == {
        ENROL
    }
    quiet = {finding.obligation.id: finding for finding in decided(hosts=(replace(HOST, quiet_s=60.0),)).findings}
    assert quiet["monitor.hosts"].step == quiet["monitor.hosts"].obligation.step
    assert {finding.step for finding in decided().findings} == {None}


@pytest.mark.parametrize(
    ("change", "fails"),
    [
        ({"quiet_s": 60.0}, {"monitor.hosts", "log.host", "time.sync"}),
        ({"allowed_s": -1.0}, {"monitor.hosts", "log.host", "time.sync"}),
        ({"offset_s": -0.5}, {"time.sync"}),
        ({"logs": {}}, {"log.host"}),
        ({"logs": {"journald": 2 * DAY_S}}, {"log.host"}),
        ({"stopped": ("/var/log/auth.log",)}, {"log.host"}),
        ({"losing": ("journald",)}, {"log.host"}),
    ],
    ids=["silent", "stopped", "clock off", "no log", "log silent", "log stopped", "log loses"],
)
def test_one_host_of_two_that_fails_makes_partly_and_is_named(change, fails):
    failing = replace(HOST, asset="A2", name="may-2", **change)
    found = decided(hosts=(HOST, failing))

    partly = {finding.obligation.id: finding for finding in found.findings if finding.state is State.PARTLY}
    assert set(partly) == fails
    assert all("may-2" in finding.reason.vi and "may-1" not in finding.reason.vi for finding in partly.values())
    assert found.state is State.PARTLY


def test_a_silent_host_leaves_nothing_to_judge():
    found = states(hosts=(replace(HOST, quiet_s=60.0),))

    assert (found["monitor.hosts"], found["monitor.security"]) == (State.UNMET, State.UNKNOWN)
    assert found["alert.review"] is State.UNKNOWN


def test_an_alert_that_waits_too_long_is_known_to_wait_although_the_host_is_silent():
    assert states(hosts=(replace(HOST, quiet_s=60.0),), waiting_s=31 * DAY_S)["alert.review"] is State.UNMET


def test_a_disabled_rule_is_named():
    (finding,) = [one for one in decided(disabled=("ssh_brute_force",)).findings if one.state is State.PARTLY]

    assert (finding.obligation.id, "ssh_brute_force" in finding.reason.vi) == ("monitor.security", True)


@pytest.mark.parametrize(
    ("level", "kept", "watched", "expected"),
    [
        (2, 30, 400, State.MET),
        (2, 29, 400, State.UNMET),
        (3, 30, 400, State.UNMET),
        (5, 10, 10, State.MET),
        (5, 3, 10, State.UNMET),
    ],
)
def test_records_are_owed_for_as_long_as_the_level_says_or_the_system_is_watched(level, kept, watched, expected):
    assert states(level=level, kept_s=kept * DAY_S, watched_s=watched * DAY_S)["log.retention"] is expected


@pytest.mark.parametrize(("level", "days", "expected"), [(1, 29, State.MET), (1, 31, State.UNMET), (5, 2, State.UNMET)])
def test_an_alert_may_wait_for_so_many_days(level, days, expected):
    assert states(level=level, waiting_s=days * DAY_S)["alert.review"] is expected


def test_packets_must_be_watched_at_one_host_at_least():
    blind = replace(HOST, captures=0)
    idle = replace(HOST, flows_s=901.0)

    assert states(level=3, hosts=(blind, HOST))["monitor.network"] is State.MET
    assert states(level=3, hosts=(blind, idle))["monitor.network"] is State.PARTLY
    assert states(level=3, hosts=(blind,))["monitor.network"] is State.UNMET


def test_packets_watched_a_part_of_the_time_are_watched_in_part():
    thinned = replace(HOST, captures=1, thinned=1)

    assert states(level=3, hosts=(thinned,))["monitor.network"] is State.PARTLY
    assert states(level=3, hosts=(thinned, HOST))["monitor.network"] is State.MET
    assert states(level=3, hosts=(replace(HOST, captures=2, thinned=1),))["monitor.network"] is State.MET


def test_what_only_people_know_is_unknown_until_they_attest_it():
    assert states(level=4)["monitor.around_the_clock"] is State.UNKNOWN
    assert decided(level=4, attested={DUTY.obligation: DUTY}).state is State.MET


def test_an_equivalent_measure_stands_in_for_what_does_not_arrive():
    other = Attestation("monitor.network", "equivalent", "15/CV", "thiết bị IDS riêng", "2030-01-01")
    blind = replace(HOST, captures=0)

    found = decided(level=3, hosts=(blind,), attested={other.obligation: other})

    (finding,) = [one for one in found.findings if one.obligation.id == "monitor.network"]
    assert (finding.state, found.state) == (State.EQUIVALENT, State.MET)
    assert "15/CV" in finding.reason.vi


def test_nobody_can_attest_that_data_arrived():
    claimed = Attestation("monitor.hosts", "met", "1", "x", "2030-01-01")

    assert states(hosts=(replace(HOST, quiet_s=60.0),), attested={"monitor.hosts": claimed})["monitor.hosts"] is (
        State.UNMET
    )


def test_a_level_that_owes_nothing_is_unknown_not_met():
    assert decide((), SYSTEM).state is State.UNKNOWN


def test_a_log_that_stopped_and_a_source_that_loses_are_named():
    one = replace(HOST, stopped=("/var/log/auth.log",))
    other = replace(HOST, asset="A2", name="may-2", losing=("journald",))

    (finding,) = [one for one in decided(hosts=(one, other)).findings if one.obligation.id == "log.host"]

    assert finding.state is State.UNMET
    assert finding.reason.en == (
        "a log cannot be read: may-1 /var/log/auth.log; events were lost in the last hour: may-2 journald"
    )
    assert "giamsat-agent doctor" in finding.step.en
    (lost,) = [one for one in decided(hosts=(other,)).findings if one.obligation.id == "log.host"]
    assert "spool show" in lost.step.en


def test_what_an_interface_loses_lacks_of_the_network_and_of_no_log():
    loses = replace(HOST, losing=("packets eth0",))
    found = {one.obligation.id: one for one in decided(level=3, hosts=(loses,)).findings}

    assert (found["log.host"].state, found["monitor.network"].state) == (State.MET, State.PARTLY)
    assert found["monitor.network"].reason.en == "events were lost in the last hour: may-1"
    assert states(level=3, hosts=(loses, replace(HOST, asset="A2")))["monitor.network"] is State.MET


def test_days_are_written_as_each_language_writes_them():
    (kept,) = [one for one in decided(level=2).findings if one.obligation.id == "log.retention"]

    assert kept.reason.vi == "bản ghi cũ nhất 3,0 ngày, giám sát từ 3,0 ngày, phải lưu 30 ngày"
    assert kept.reason.en.startswith("the oldest record is 3.0 days old")
