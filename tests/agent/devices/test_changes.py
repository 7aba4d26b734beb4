# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_agent.devices.changes import INTERFACES, TOLD, Changes
from giamsat_agent.devices.poll import Polled
from giamsat_agent.devices.ports import Arrival
from giamsat_wire.record import Sample

SWITCH = Polled(
    address="192.0.2.1:161",
    os="ios",
    vendor="Cisco",
    hardware="C2960",
    version="15.2",
    serial="FOC1",
    object_id=".1.3.6.1.4.1.9.1.1",
    metrics=(),
    errors=(),
)


def polled(*, uptime=1_000, oper=1, admin=1, index="1", **words):
    labels = (("ifIndex", index), ("ifName", "Gi0/1"))
    metrics = (
        Sample("sysUpTime", float(uptime)),
        Sample("ifAdminStatus", float(admin), labels),
        Sample("ifOperStatus", float(oper), labels),
    )
    return replace(SWITCH, metrics=metrics, **words)


def told(*polls):
    """The events of polls one after the other, of a device that answers; a text is the reason of one that failed."""
    changes, events = Changes("sw1"), []
    list(changes.polled(SWITCH, wall_ns=0, mono_ns=0))
    for number, one in enumerate(polls):
        take = changes.failed if isinstance(one, str) else changes.polled
        events += take(one, wall_ns=number, mono_ns=number)
    return events


def kinds(*polls):
    return [event.kind for event in told(*polls)]


def test_a_device_that_misses_two_polls_is_unreachable_once_and_its_return_is_told():
    assert kinds(polled(), "silent", "silent", "silent", polled()) == ["device-unreachable", "device-reachable"]


def test_the_first_answer_is_told_as_nobody_knows_what_was_told_before_the_start():
    changes = Changes("sw1")
    events = [event for _ in range(2) for event in changes.polled(polled(), wall_ns=0, mono_ns=0)]

    assert [event.kind for event in events] == ["device-reachable"]


def test_one_lost_poll_is_nothing():
    assert kinds(polled(), "silent", polled(), "silent", polled()) == []


def test_a_device_that_never_answered_is_unreachable_with_the_reason():
    changes = Changes("sw1")
    (event,) = [one for _ in range(3) for one in changes.failed("no answer", wall_ns=0, mono_ns=0)]

    assert event.fields.items() >= {"observer.name": "sw1", "event.reason": "no answer"}.items()


def test_an_uptime_that_began_anew_is_a_restart():
    (event,) = told(polled(uptime=500_000), polled(uptime=3_000))

    assert (event.kind, event.fields["giamsat.device.uptime_s"]) == ("device-restarted", 30)


def test_the_counter_s_own_beginning_after_497_days_is_no_restart():
    assert kinds(polled(uptime=(1 << 32) - 100), polled(uptime=3_000)) == []


@pytest.mark.parametrize("down", [2, 7])
def test_an_interface_that_goes_down_and_comes_back_is_told_by_its_name(down):
    events = told(polled(), polled(oper=down), polled(oper=down), polled())

    assert [(event.kind, event.fields["event.outcome"]) for event in events] == [
        ("device-interface-changed", "failure"),
        ("device-interface-changed", "success"),
    ]
    assert events[0].fields["observer.ingress.interface.name"] == "Gi0/1"


def test_one_that_fell_and_is_switched_off_and_on_again_by_who_mends_it_is_told_to_be_back():
    events = told(polled(), polled(oper=2), polled(oper=2, admin=2), polled(oper=2), polled())

    outcomes = [event.fields["event.outcome"] for event in events if event.kind == "device-interface-changed"]
    assert outcomes == ["failure", "success"]


@pytest.mark.parametrize(("others", "outcomes"), [(INTERFACES // 2, ["failure", "success"]), (INTERFACES, ["failure"])])
def test_interfaces_that_are_shown_no_more_are_remembered_up_to_a_number(others, outcomes):
    labels = [(("ifIndex", str(n)), ("ifName", f"tunnel {n}")) for n in range(others)]
    tunnels = [Sample(name, 1.0, each) for each in labels for name in ("ifAdminStatus", "ifOperStatus")]

    events = told(polled(), polled(oper=2), replace(SWITCH, metrics=tuple(tunnels)), polled())

    assert [event.fields["event.outcome"] for event in events] == outcomes


@pytest.mark.parametrize(
    "polls",
    [
        (polled(oper=2), polled(oper=2)),
        (polled(), polled(oper=2, admin=2), polled(oper=2, admin=2), polled()),
        (polled(), polled(oper=4), polled(oper=5), polled()),
        (polled(), polled(index="77")),
    ],
    ids=["down since ever", "switched off by its administrator", "neither up nor down", "renumbered"],
)
def test_what_is_no_failure_of_an_interface_is_not_told(polls):
    assert "device-interface-changed" not in kinds(*polls)


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"version": "15.3"}, "version: 15.2 → 15.3"), ({"serial": "FOC2"}, "serial: FOC1 → FOC2")],
)
def test_other_firmware_and_another_device_in_its_place_are_told(change, reason):
    (event,) = told(polled(), polled(**change))

    assert (event.kind, event.fields["event.reason"]) == ("configuration-changed", reason)
    assert event.fields["observer.vendor"] == "Cisco"


def test_a_device_that_says_nothing_of_its_version_once_was_not_changed():
    assert kinds(polled(), polled(version=""), polled()) == []


def states(name, uptime=1_000, **states):
    metrics = [Sample("sysUpTime", float(uptime))]
    for key, state in states.items():
        labels = (("object", key), ("state", state)) if isinstance(state, str) else (("object", key),)
        metrics.append(Sample(name, 1.0 if isinstance(state, str) else float(state), labels))
    return replace(SWITCH, metrics=tuple(metrics))


def test_a_running_configuration_that_was_changed_is_told_once():
    polls = [
        states("snmp_configuration_changed", uptime, ccm=at)
        for uptime, at in ((1_000, 0), (2_000, 1_500), (3_000, 1_500))
    ]
    (event,) = told(*polls)

    assert (event.kind, event.fields["giamsat.device.changed"]) == ("configuration-changed", "configuration")


def test_a_clock_that_begins_anew_at_a_restart_is_no_change_of_configuration():
    polls = [states("snmp_configuration_changed", uptime, ccm=at) for uptime, at in ((90_000, 50_000), (100, 0))]

    assert kinds(*polls) == ["device-restarted"]


def test_an_interface_that_somebody_switched_off_is_a_change_of_configuration():
    (event,) = told(polled(), polled(admin=2, oper=2))

    assert event.kind == "configuration-changed"
    assert (
        event.fields.items()
        >= {
            "event.reason": "interface: Gi0/1 off",
            "giamsat.device.changed": "interface",
            "observer.ingress.interface.name": "Gi0/1",
        }.items()
    )


def test_many_interfaces_switched_at_once_are_one_event():
    def switched(value):
        metrics = [Sample("ifAdminStatus", value, (("ifIndex", str(n)), ("ifName", f"Gi0/{n}"))) for n in range(30)]
        return replace(SWITCH, metrics=tuple(metrics))

    (event,) = told(switched(1.0), switched(2.0))
    assert event.fields["event.reason"].endswith("Gi0/7 off and 22 more")


@pytest.mark.parametrize(("before", "after"), [("active", "passive"), (9, 10)])
def test_a_change_of_role_in_a_cluster_is_told(before, after):
    (event,) = told(*(states("snmp_ha_state", haState=state) for state in (before, before, after, after)))

    assert (event.kind, event.fields["event.reason"]) == ("device-ha-changed", f"haState: {before} → {after}")


def test_the_mains_as_they_are_at_first_and_that_go_and_come_back_are_told_each_once():
    events = told(*(states("snmp_ups_on_battery", upsOutputSource=value) for value in (0, 1, 1, 0, 0)))

    assert [(event.kind, event.fields["event.outcome"]) for event in events] == [
        ("ups-on-battery", "success"),
        ("ups-on-battery", "failure"),
        ("ups-on-battery", "success"),
    ]


def test_new_addresses_are_told_one_by_one_and_a_flood_of_them_as_a_number():
    found = [Arrival(f"00:00:00:00:00:{n:02X}", f"Gi0/{n}", "Gi0/1" if n else "") for n in range(TOLD + 5)]

    first, second, *_, last = Changes("sw1").arrived(found, wall_ns=0, mono_ns=0)

    assert first.fields["event.reason"] == "mac: 00:00:00:00:00:00 on Gi0/0"
    assert second.fields["event.reason"] == "mac: 00:00:00:00:00:01 on Gi0/1, before on Gi0/1"
    assert last.fields["event.reason"] == "mac: 5 more on other ports"
    assert {event.fields["giamsat.device.changed"] for event in (first, last)} == {"mac"}
