# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.machine.dbus import BusError
from giamsat_agent.sensor import NothingToRead
from giamsat_agent.sensors.systemd import UNITS_MOST, Systemd, choose, parse_property, parse_units
from support import fake_bus
from support.fake_bus import ERROR, METHOD_RETURN, message
from support.pretend_host import empty_host, reading

UNITS = (
    ("ssh.service", "loaded", "active", "/u/ssh"),
    ("backup.service", "loaded", "failed", "/u/backup"),
    ("gone.service", "not-found", "inactive", "/u/gone"),
    ("dev-vda.device", "loaded", "active", "/u/vda"),
    ("ssh.socket", "loaded", "inactive", "/u/socket"),
)


class Manager:
    """Answers like systemd's manager; counts what it is asked."""

    def __init__(self, units=UNITS):
        self.units = units
        self.asked = []

    def __call__(self, call, serial):
        self.asked.append(call.arguments or call.member)
        if call.member == "ListUnits":
            body = fake_bus.units(*self.units)
        else:
            answers = {"SystemState": "degraded", "Version": "252.38-1~deb12u1", "Type": "notify"}
            body = fake_bus.variant(answers[call.arguments[1]])
        return message(METHOD_RETURN, reply_to=serial, body=body)


@pytest.fixture
def host(tmp_path):
    host = empty_host(tmp_path)
    (host.root / "run/systemd/system").mkdir(parents=True)
    (host.root / "run/dbus").mkdir()
    return host


@pytest.fixture
def sensor(host):
    sensor = Systemd(host)
    yield sensor
    if sensor._bus:
        sensor._bus.close()


def serve(host, manager):
    return fake_bus.bus(host.root / "run/dbus/system_bus_socket", manager)


def test_each_unit_is_in_one_state(host, sensor):
    with serve(host, Manager()):
        series = reading(sensor)

    assert series["node_systemd_unit_state", "backup.service", "failed", "notify"] == 1
    assert series["node_systemd_unit_state", "backup.service", "active", "notify"] == 0
    assert series["node_systemd_unit_state", "ssh.socket", "inactive", ""] == 1


def test_units_that_are_not_loaded_or_not_of_interest_are_left_out(host, sensor):
    with serve(host, Manager()):
        names = {key[1] for key in reading(sensor) if key[0] == "node_systemd_unit_state"}

    assert names == {"ssh.service", "backup.service", "ssh.socket"}


def test_all_units_are_counted_by_state(host, sensor):
    with serve(host, Manager()):
        series = reading(sensor)

    assert series["node_systemd_units", "active"] == 2
    assert series["node_systemd_units", "failed"] == 1
    assert series["node_systemd_units", "deactivating"] == 0
    assert series["node_systemd_system_running",] == 0
    assert series["node_systemd_version", "252.38-1~deb12u1"] == 252.38


def test_the_type_of_a_service_is_asked_once(host, sensor):
    manager = Manager()
    with serve(host, manager):
        reading(sensor)
        manager.asked.clear()
        reading(sensor)

    assert [asked for asked in manager.asked if "Type" in asked] == []


def test_a_restarted_bus_is_found_again(host, sensor):
    with serve(host, Manager()):
        reading(sensor)
    (host.root / "run/dbus/system_bus_socket").unlink()
    with pytest.raises(OSError, match=r"\w"):
        reading(sensor)

    with serve(host, Manager()):
        assert reading(sensor)["node_systemd_units", "active"] == 2


def test_a_manager_that_refuses_is_a_fault_and_not_an_empty_host(host, sensor):
    with (
        serve(host, lambda _call, serial: message(ERROR, reply_to=serial)),
        pytest.raises(BusError, match="refused to list its units"),
    ):
        reading(sensor)


def test_a_host_without_systemd_is_not_a_fault(tmp_path):
    with pytest.raises(NothingToRead, match="systemd as process 1"):
        reading(Systemd(empty_host(tmp_path)))


def test_past_the_bound_units_are_left_out_but_never_a_failed_one(host, sensor):
    many = [(f"a{i:04}.service", "loaded", "active", "/u") for i in range(UNITS_MOST)]
    samples = []
    with (
        serve(host, Manager([*many, ("z.service", "loaded", "failed", "/u")])),
        pytest.raises(ValueError, match=f"{UNITS_MOST + 1} units"),
    ):
        samples.extend(sensor.read())

    assert [sample for sample in samples if ("name", "z.service") in sample.labels]


def test_failed_units_come_first():
    assert [unit.name for unit in choose(parse_units(fake_bus.units(*UNITS)))] == [
        "backup.service",
        "ssh.service",
        "ssh.socket",
    ]


def test_a_property_of_another_type_is_refused():
    with pytest.raises(ValueError, match="type 'u'"):
        parse_property(b"\x01u\0\0\x05\0\0\0")


def test_a_host_without_a_system_bus_is_told_what_provides_it(sensor):
    with pytest.raises(NothingToRead, match="package dbus"):
        list(sensor.read())
