# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.config import Config, Device, Polling, Sensors
from giamsat_agent.plan import Fared, devices, inputs, planned
from giamsat_agent.schedule import Outcome
from giamsat_agent.sensor import is_log
from giamsat_agent.sensors import ALL, METRICS
from giamsat_wire.record import Position
from support.clock import ManualClock
from support.pretend_host import pretend_host


def test_every_sensor_is_planned_and_metrics_at_the_configured_pace():
    plans = planned(Config(sensors=Sensors(period_s=60)), pretend_host(), {})

    assert {plan.spec.name for plan in plans} == {spec.name for spec in ALL}
    assert {plan.spec.every_s for plan in plans if plan.spec.name in {spec.name for spec in METRICS}} == {60}


def test_a_sensor_that_is_switched_off_is_not_planned():
    plans = planned(Config(sensors=Sensors(disabled=("cpu", "system_log"))), pretend_host(), {})

    assert not {"cpu", "system_log"} & {plan.spec.name for plan in plans}


def test_a_log_goes_on_from_where_what_is_durable_ends():
    position = Position("system_log", b"{}")

    (log,) = [
        plan.sensor for plan in planned(Config(), pretend_host(), {"system_log": position}) if is_log(plan.sensor)
    ]

    assert is_log(log)


def test_devices_are_asked_here_or_heard_of_from_the_process_that_does():
    community = Device(name="sw1", address="192.0.2.1", community_file="/none")
    here, apart = Config(device=(community,)), Config(device=(community,), polling=Polling(socket="/run/x.sock"))
    clock = ManualClock()

    assert [type(one).__name__ for one in inputs(here, clock, list)] == ["Poller"]
    assert [type(one).__name__ for one in inputs(apart, clock, list)] == ["DevicesService"]
    assert [type(one).__name__ for one in devices(apart, clock, list)] == ["Poller"]
    assert inputs(Config(polling=Polling(socket="/run/x.sock")), clock, list) == ()


def told(fared):
    return [(sample.name, dict(sample.labels)["collector"], sample.value) for sample in fared.samples()]


def test_how_each_sensor_fared_is_told_under_node_exporters_names():
    fared = Fared()
    fared.read([Outcome("cpu", (), 0.00123456), Outcome("x", (), 1.0, "broke")])

    assert told(fared) == [
        ("node_scrape_collector_duration_seconds", "cpu", 0.001),
        ("node_scrape_collector_success", "cpu", 1.0),
        ("node_scrape_collector_duration_seconds", "x", 1.0),
        ("node_scrape_collector_success", "x", 0.0),
    ]


def test_a_sensor_that_was_not_read_this_time_is_told_as_it_fared_last():
    fared = Fared()
    fared.read([Outcome("system_log", (), 0.5, "lost"), Outcome("cpu", (), 0.25)])
    fared.read([Outcome("system_log", (), 0.125)])

    assert told(fared) == [
        ("node_scrape_collector_duration_seconds", "system_log", 0.125),
        ("node_scrape_collector_success", "system_log", 1.0),
        ("node_scrape_collector_duration_seconds", "cpu", 0.25),
        ("node_scrape_collector_success", "cpu", 1.0),
    ]
