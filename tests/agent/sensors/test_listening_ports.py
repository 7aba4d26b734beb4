# SPDX-License-Identifier: Apache-2.0
import os
import socket
from pathlib import Path

import pytest

from giamsat_agent.schedule import ITEMS_PER_READING
from giamsat_agent.sensor import Host, NothingToRead
from giamsat_agent.sensors.listening_ports import (
    EVENTS_PER_READING,
    UDP_EPHEMERAL_READINGS,
    ListeningPorts,
)
from giamsat_wire.clock import SystemClock
from support.clock import ManualClock
from support.socket_tables import LISTEN, UNCONNECTED, table

SSH = ("0.0.0.0", 22, LISTEN, 1)
WEB = ("::", 8080, LISTEN, 2)
SYSLOG = ("0.0.0.0", 514, UNCONNECTED, 3)
CLIENT = ("0.0.0.0", 40_000, UNCONNECTED, 4)


@pytest.fixture
def net(tmp_path):
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "tcp").write_text(table(SSH))
    return folder


@pytest.fixture
def sensor(net):
    return ListeningPorts(Host(clock=ManualClock(), proc=net.parent))


def told(sensor):
    return [(event.kind, event.fields["server.ip"], event.fields["server.port"]) for event in sensor.read()]


def test_what_listens_at_the_first_reading_is_no_news(sensor):
    assert told(sensor) == []
    assert told(sensor) == []


def test_a_port_is_told_once_when_it_opens_and_once_when_it_closes(sensor, net):
    told(sensor)
    (net / "tcp6").write_text(table(WEB))

    assert told(sensor) == [("listening-port-opened", "::", 8080)]
    assert told(sensor) == []
    (net / "tcp6").write_text(table())
    assert told(sensor) == [("listening-port-closed", "::", 8080)]


def test_a_udp_socket_is_told_when_it_stays(sensor, net):
    told(sensor)
    (net / "udp").write_text(table(SYSLOG))

    assert [told(sensor) for _ in range(3)] == [[], [("listening-port-opened", "0.0.0.0", 514)], []]


def test_udp_sockets_of_clients_come_and_go_untold(sensor, net):
    told(sensor)
    found = []
    for number in range(20):
        (net / "udp").write_text(
            table(("0.0.0.0", 40_000 + number, UNCONNECTED, 4), ("0.0.0.0", 600 + number, "07", 5))
        )
        found += told(sensor)

    assert found == []


def test_a_udp_socket_on_a_port_for_clients_is_told_when_it_stays_long(sensor, net):
    told(sensor)
    (net / "udp").write_text(table(CLIENT))

    readings = [told(sensor) for _ in range(UDP_EPHEMERAL_READINGS)]

    assert readings == [*[[]] * (UDP_EPHEMERAL_READINGS - 1), [("listening-port-opened", "0.0.0.0", 40_000)]]


def test_a_flood_of_ports_is_told_in_portions(sensor, net):
    told(sensor)
    (net / "tcp").write_text(table(SSH, *[("0.0.0.0", port, LISTEN, port) for port in range(1_000, 1_000 + 1_200)]))

    assert [len(told(sensor)) for _ in range(4)] == [EVENTS_PER_READING, EVENTS_PER_READING, 200, 0]
    assert EVENTS_PER_READING < ITEMS_PER_READING


def test_a_host_without_a_network_has_nothing_to_read(tmp_path):
    with pytest.raises(NothingToRead, match="provided by"):
        told(ListeningPorts(Host(clock=ManualClock(), proc=tmp_path)))


@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")], ids=["ipv4", "ipv6"]
)
def test_a_real_port_of_this_host_is_told_with_its_process(family, address):
    sensor = ListeningPorts(Host(clock=SystemClock()))
    list(sensor.read())
    with socket.create_server((address, 0), family=family) as server:
        port = server.getsockname()[1]
        (event,) = (event for event in sensor.read() if event.fields["server.port"] == port)

    assert event.kind == "listening-port-opened"
    assert event.fields["network.transport"] == "tcp"
    assert event.fields["server.ip"] == address
    assert event.fields["process.pid"] == os.getpid()
    assert event.fields["process.executable"] == str(Path("/proc/self/exe").readlink())
