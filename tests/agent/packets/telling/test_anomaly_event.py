# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.telling.anomaly_event import event
from giamsat_agent.packets.telling.report import found

SEEN = Anomaly("scan_udp", Severity.LOW, ("quét", "scanned"), "192.0.2.1", 5, 2_000_000_005, [Target("192.0.2.2", 53)])


def test_an_anomaly_of_a_capture_is_the_event_of_a_sensor_without_its_interface():
    live, read = (event(found(name, SEEN), wall_ns=7, mono_ns=7) for name in ("eth0", ""))

    assert live.kind == read.kind == "packet-anomaly"
    assert live.fields.keys() - read.fields.keys() == {"observer.ingress.interface.name"}
    assert {name for name, value in read.fields.items() if live.fields[name] != value} == {"event.id"}
    assert (read.fields["destination.port"], read.fields["giamsat.anomaly.seconds"]) == (53, 2)
