# SPDX-License-Identifier: Apache-2.0
from types import SimpleNamespace

import pytest

from giamsat_agent.devices.engine import Engine
from giamsat_agent.devices.notifications import (
    BURST,
    MINUTE_NS,
    SENDERS,
    UNSIGNED_BURST,
    Notifications,
    kinds,
)
from giamsat_agent.devices.trap import decode
from giamsat_agent.devices.v3_trap import Users
from giamsat_wire.catalogue import events
from support.notifying import IF_NAME, coded, oid, version_1, version_2

ADDRESS = "192.0.2.1"
DOWN = version_2(more=coded(0x30, oid(*IF_NAME) + coded(4, b"Gi0/7")))


def taken(its, message=DOWN, at_ns=0, address=ADDRESS):
    return list(its.take(address, message, wall_ns=at_ns, mono_ns=at_ns).events)


def notifications(*users):
    known = Users(users)
    return Notifications(known, Engine(known, b"engine-of-ours", 1, began_ns=0, draw=bytes))


def counts(its):
    return {sample.labels[0][1]: sample.value for sample in its.samples()}


@pytest.mark.parametrize(
    ("message", "kind", "outcome"),
    [
        (DOWN, "device-interface-changed", "failure"),
        (version_1(3), "device-interface-changed", "success"),
        (version_1(0), "device-restarted", "success"),
        (version_1(4), "user-login", "failure"),
        (version_2(name=(1, 3, 6, 1, 2, 1, 33, 2, 1)), "ups-on-battery", "failure"),
        (version_2(name=(1, 3, 6, 1, 4, 1, 9, 9, 43, 2, 0, 1)), "configuration-changed", "success"),
        (version_2(name=(1, 3, 6, 1, 4, 1, 12356, 101, 2, 0, 401)), "device-ha-changed", "success"),
        (version_1(6, 3), "snmp-notification", None),
    ],
)
def test_a_notification_is_an_event_of_its_kind(message, kind, outcome):
    (event,) = taken(notifications(), message)

    assert (event.kind, event.fields.get("event.outcome")) == (kind, outcome)
    assert event.fields["observer.ip"] == ADDRESS


def test_an_event_names_the_interface_and_says_that_nobody_proved_who_sent_it():
    (event,) = taken(notifications())

    assert event.fields["observer.ingress.interface.name"] == "Gi0/7"
    assert event.fields["giamsat.snmp.authenticated"] is False
    assert "public" not in str(event.fields)


def test_what_is_malformed_is_counted_and_nothing_else():
    its = notifications()

    assert taken(its, b"\x30\x05") == []
    assert counts(its) == {"malformed": 1}


def test_a_storm_is_counted_and_told_once_a_minute():
    its = notifications()
    told = [event for number in range(BURST + 30) for event in taken(its, at_ns=number)]
    (_, folded) = taken(its, at_ns=MINUTE_NS)

    assert len(told) == BURST
    assert (folded.kind, folded.fields["giamsat.folded.count"]) == ("log-messages-folded", 30)
    assert counts(its) == {"understood": BURST + 1, "over_share": 30}


def test_words_of_a_device_are_harmless():
    (event,) = taken(notifications(), version_2(more=coded(0x30, oid(*IF_NAME) + coded(4, b"\x1b[31m\0<b>"))))

    assert event.fields["observer.ingress.interface.name"] == "[31m <b>"


def test_ever_new_senders_take_no_ever_growing_room_and_no_count_goes_with_those_that_are_forgotten():
    its = notifications()
    for number in range(3 * SENDERS):
        taken(its, address=f"10.0.{number // 250}.{number % 250}", message=DOWN if number % 2 else b"0")

    samples = list(its.samples())
    forgotten = {s.labels[0][1]: s.value for s in samples if s.labels[1] == ("source", "other")}
    assert len(its._senders) == SENDERS
    assert sum(sample.value for sample in samples) == 3 * SENDERS
    assert forgotten == {"understood": SENDERS, "malformed": SENDERS}


def test_one_host_that_writes_ever_other_addresses_fills_no_disk_and_what_is_signed_is_told_all_the_same(monkeypatch):
    its = notifications()
    told = sum(len(taken(its, address=f"2001:db8::{number:x}", at_ns=number)) for number in range(3 * UNSIGNED_BURST))
    monkeypatch.setattr(its, "_read", lambda *_: (decode(DOWN), SimpleNamespace(authenticated=True, user="an"), b""))
    (event,) = taken(its, at_ns=3 * UNSIGNED_BURST)

    assert told == UNSIGNED_BURST
    assert event.fields["giamsat.snmp.authenticated"] is True
    assert sum(sample.value for sample in its.samples()) == 3 * UNSIGNED_BURST + 1


def test_what_was_folded_of_a_sender_is_told_before_it_is_forgotten():
    its = notifications()
    for number in range(BURST + 7):
        taken(its, at_ns=number)
    told = [event for number in range(SENDERS) for event in taken(its, address=f"10.0.{number // 250}.{number % 250}")]

    (folded,) = (event for event in told if event.kind == "log-messages-folded")
    assert (folded.fields["source.ip"], folded.fields["giamsat.folded.count"]) == (ADDRESS, 7)


def test_every_notification_that_is_known_becomes_an_event_that_is_known():
    assert {kind for kind, _ in kinds().values()} <= events().keys()
    assert {outcome for _, outcome in kinds().values()} == {"success", "failure"}
