# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat_agent.packets.detectors.sctp import ABORT, COOKIE_ACK, COOKIE_ECHO, INIT, INIT_ACK
from giamsat_agent.packets.scan_thresholds import HOSTS_A_MINUTE, PORTS_AT_ONCE
from support.capture import ATTACKER, IP, VICTIM, classes, found, frame, pcap
from support.lab import lab
from support.peers import program
from support.wire import Wire


def sctp(kind, port, *, near=ATTACKER, far=VICTIM, back=False):
    ports = (port, 40_000) if back else (40_000, port)
    ends = {"src": far, "dst": near} if back else {"src": near, "dst": far}
    return frame(IP(**ends, proto=132), struct.pack(">HHIIBBH", *ports, 0, 0, kind, 0, 20) + bytes(16))


def every_second(raws):
    return [(number * 0.1, raw) for number, raw in enumerate(raws)]


@pytest.mark.parametrize("kind", [INIT, COOKIE_ECHO])
def test_many_ports_of_one_host_and_many_hosts_that_nobody_answers_at_are_a_scan(tmp_path, kind):
    ports = [raw for n in range(PORTS_AT_ONCE) for raw in (sctp(kind, n + 1), sctp(ABORT, n + 1, back=True))]
    hosts = [sctp(kind, 3868, far=f"198.51.100.{n + 1}") for n in range(HOSTS_A_MINUTE)]

    (told,) = found(pcap(tmp_path / "x", every_second(ports)))
    assert (told.name, told.source_ip, told.totals["ports"]) == ("scan_sctp", ATTACKER, PORTS_AT_ONCE)
    assert classes(pcap(tmp_path / "y", every_second(hosts))) == {("host_discovery", ATTACKER)}
    assert classes(pcap(tmp_path / "z", every_second(ports[:-2]))) == set()


def test_what_is_accepted_is_no_scan_unless_it_is_dropped_at_once(tmp_path):
    def associations(*goes_on):
        return every_second(
            [
                raw
                for n in range(2 * PORTS_AT_ONCE)
                for raw in (
                    sctp(INIT, n + 1),
                    sctp(INIT_ACK, n + 1, back=True),
                    *(sctp(kind, n + 1) for kind in goes_on),
                )
            ]
        )

    assert classes(pcap(tmp_path / "x", associations(COOKIE_ECHO))) == set()
    assert classes(pcap(tmp_path / "y", associations(ABORT))) == {("scan_sctp", ATTACKER)}
    echoed = [raw for n in range(99) for raw in (sctp(COOKIE_ECHO, n + 1), sctp(COOKIE_ACK, n + 1, back=True))]
    assert classes(pcap(tmp_path / "z", every_second(echoed))) == set()


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("ip", "nmap")
def test_scans_by_nmap_are_told():
    with lab() as pair:
        wire = Wire(pair)
        for how in ("-sY", "-sZ"):
            with wire.watched() as told:
                wire.attack(program("nmap"), how, "-Pn", "-n", "--max-retries", "0", "-p", "1-40", pair.address)
            assert ("scan_sctp", pair.there_address) in {(one.name, one.source_ip) for one in told}, how
