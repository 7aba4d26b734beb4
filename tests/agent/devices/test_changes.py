# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_agent.devices.changes import Changes
from giamsat_agent.devices.poll import Polled
from giamsat_agent.devices.reading import Metric

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
        Metric("sysUpTime", (), float(uptime), "gauge"),
        Metric("ifAdminStatus", labels, float(admin), "gauge"),
        Metric("ifOperStatus", labels, float(oper), "gauge"),
    )
    return replace(SWITCH, metrics=metrics, **words)


def told(*polls):
    """The events of polls one after the other; a text is the reason of one that failed."""
    changes, events = Changes("sw1"), []
    for number, one in enumerate(polls):
        take = changes.failed if isinstance(one, str) else changes.polled
        events += take(one, wall_ns=number, mono_ns=number)
    return events


def kinds(*polls):
    return [event.kind for event in told(*polls)]


def test_a_device_that_misses_two_polls_is_unreachable_once_and_its_return_is_told():
    assert kinds(polled(), "silent", "silent", "silent", polled()) == ["device-unreachable", "device-reachable"]


def test_one_lost_poll_is_nothing():
    assert kinds(polled(), "silent", polled(), "silent", polled()) == []


def test_a_device_that_never_answered_is_unreachable_with_the_reason():
    (event,) = told("no answer", "no answer")

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
    assert kinds(*polls) == []


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
