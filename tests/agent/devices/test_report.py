# SPDX-License-Identifier: Apache-2.0
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.devices import notifications, report
from giamsat_agent.devices.report import KINDS, MESSAGE_BYTES, SAMPLES_AT_ONCE, Happened, Measured, ToldError, decode
from giamsat_wire import catalogue
from giamsat_wire.record import Event, Sample

FIELDS = {"event.action": "device-restarted", "event.provider": "snmp", "observer.name": "sw1", "giamsat.n": ("a", "b")}
EVENT = Event("device-restarted", 5, 6, FIELDS)


def test_an_event_and_what_is_measured_come_back_as_they_were():
    samples = [Sample("ifHCInOctets", float(number), (("device", "sw1"),)) for number in range(SAMPLES_AT_ONCE + 7)]

    parts = [decode(message) for message in report.measured(samples, {"device sw2": "silent"}, 3)]

    assert decode(report.happened(EVENT)) == Happened(EVENT.kind, 5, 6, FIELDS)
    assert [Sample(*row) for part in parts for row in part.rows] == samples
    assert [(part.last, part.problems) for part in parts] == [(False, {}), (True, {"device sw2": "silent"})]
    assert all(len(message) <= MESSAGE_BYTES for message in report.measured(samples, {}, 0))


def test_every_kind_that_devices_can_tell_of_is_allowed_and_known():
    assert {kind for kind, _ in notifications.kinds().values()} <= KINDS <= catalogue.events().keys()


@pytest.mark.parametrize(
    "event",
    [
        Event("agent-stopped", 5, 6, {**FIELDS, "event.action": "agent-stopped"}),
        Event("user-login", 5, 6, {**FIELDS, "event.action": "user-login", "event.provider": "sshd"}),
        Event("user-login", 5, 6, FIELDS),
        Event("device-restarted", -1, 6, FIELDS),
        Event("device-restarted", 5, 6, {**FIELDS, "message": "x" * 9_000}),
        Event("device-restarted", 5, 6, {**FIELDS, **{f"f{number}": 1 for number in range(99)}}),
    ],
    ids=["of the agent", "of another source", "under another name", "before time", "too long", "too many fields"],
)
def test_what_is_no_device_s_to_tell_is_refused(event):
    with pytest.raises(ToldError):
        decode(report.happened(event))


@pytest.mark.parametrize("name", ["node_load1", "giamsat_agent_clock_offset_seconds"])
def test_figures_of_the_host_or_the_agent_are_refused(name):
    with pytest.raises(ToldError, match=name):
        decode(msgspec.msgpack.encode(Measured(((name, 1.0, ()),), last=True)))
    assert decode(msgspec.msgpack.encode(Measured(((report.NOTIFICATIONS, 1.0, ()),), last=True))).last


def test_a_name_that_is_no_text_is_refused():
    with pytest.raises(ToldError):
        decode(report.happened(EVENT).replace(b"kind", b"ki\xe2\x80"))


def test_a_message_that_nests_without_end_is_refused():
    with pytest.raises(ToldError):
        decode(b"\x81\xa4more" + b"\x91" * 5_000 + b"\xc0")


@given(st.binary(max_size=300))
def test_any_bytes_are_understood_or_refused(data):
    try:
        decode(data)
    except ToldError:
        return
