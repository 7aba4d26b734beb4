# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices import report, service
from giamsat_agent.devices.service import AWAY, BURST, NOT_YET, DevicesService
from giamsat_wire.record import Event, Sample
from support.clock import ManualClock

PERIOD_S = 15.0
EVENT = Event("device-restarted", 5, 6, {"event.action": "device-restarted", "event.provider": "snmp"})
FIGURE = Sample("snmp_up", 1.0, (("device", "sw1"),))


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def events():
    return []


@pytest.fixture
def heard(tmp_path, clock, events):
    return DevicesService(
        tmp_path / "devices.sock", user="no-such-user", period_s=PERIOD_S, clock=clock, deliver=events.extend
    )


def tell(heard, *samples, problems=(), untold=0):
    for message in report.measured(samples, dict(problems), untold):
        heard.heard(message)


def test_what_is_told_is_delivered_and_measured_as_long_as_it_is_now(heard, clock, events):
    assert heard.problems() == {"devices": NOT_YET}

    heard.heard(report.happened(EVENT))
    tell(heard, FIGURE, problems={"device sw2": "it does not answer"})

    assert events == [EVENT]
    assert list(heard.samples()) == [FIGURE]
    assert heard.problems() == {"device sw2": "it does not answer"}
    clock.advance(int(PERIOD_S * 3e9))
    assert list(heard.samples()) == []


def test_what_was_measured_counts_once_it_was_told_to_its_end(heard):
    tell(heard, FIGURE)
    parts = list(report.measured([Sample("x", 1.0)] * (report.SAMPLES_AT_ONCE + 1), {}, 0))

    heard.heard(parts[0])
    heard.gone()
    tell(heard, FIGURE, FIGURE)

    assert list(heard.samples()) == [FIGURE, FIGURE]


def test_one_that_went_away_is_a_problem(heard):
    tell(heard, FIGURE)
    heard.gone()

    assert heard.problems() == {"devices": AWAY}


def test_what_is_refused_is_counted_and_no_flood_gets_through(heard, events, monkeypatch):
    monkeypatch.setattr(service, "SAMPLES", 2)
    heard.heard(b"x")
    for _ in range(int(BURST) + 5):
        heard.heard(report.happened(EVENT))
    tell(heard, FIGURE, Sample("x", float("nan")), FIGURE, FIGURE, untold=4)

    counted = {(sample.name, *sum(sample.labels, ())): sample.value for sample in heard.samples()}
    assert len(events) == BURST
    assert counted == {
        ("snmp_up", "device", "sw1"): 1.0,
        ("giamsat_devices_refused_total", "reason", "malformed"): 1,
        ("giamsat_devices_refused_total", "reason", "over_share"): 5,
        ("giamsat_devices_refused_total", "reason", "too_many"): 1,
        ("giamsat_devices_untold_total",): 4,
    }
