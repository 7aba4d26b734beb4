# SPDX-License-Identifier: Apache-2.0
"""A firewall that sends its log to an agent: from a datagram to an alert at the level of the agent's system."""

import socket

from support.ports import free_ports

DENIED = (
    '<189>date=2026-11-23 time=10:00:00 devname="FGT-60F" devid="FGT60F0000000001" logid="0000000013" type="traffic" '
    'subtype="forward" level="notice" vd="root" srcip=203.0.113.9 srcport=5555{number} srcintf="wan1" dstip=192.0.2.5 '
    'dstport={number} dstintf="dmz" proto=6 action="deny" policyid=0 service="x" sentbyte=0 rcvdbyte=0'
)
AT_LEVEL_5, AT_LEVEL_3 = 15, 30


def test_ports_a_firewall_refuses_are_a_scan_at_the_level_that_says_so(here):
    strict, lenient = free_ports(2)
    agents = {
        level: here.agent(f"host{level}", level=level, settings=f'[syslog]\nudp = "127.0.0.1:{port}"\n')[0]
        for level, port in ((5, strict), (3, lenient))
    }

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as firewall:
        for number in range(AT_LEVEL_5 + 5):
            for port in (strict, lenient):
                firewall.sendto(DENIED.format(number=100 + number).encode(), ("127.0.0.1", port))

    def scans(level):
        return here.alerts(rule="port_scan_by_firewall", asset=agents[level])

    here.until(lambda: scans(5), 10, "the scan is told at level 5")
    (alert,) = scans(5)
    assert alert["source"]["ip"] == "203.0.113.9"
    assert scans(3) == []

    def firewall_of(level):
        sources = here.ask("coverage.ledger", asset=agents[level], hours=1)["sources"]
        return next(one for one in sources if one["source"] == "syslog 127.0.0.1")

    here.until(lambda: firewall_of(5)["produced"] >= AT_LEVEL_5 + 5, 15, "the agent has told what the firewall sent")
    assert (firewall_of(5)["received"], firewall_of(5)["lost"]) == (firewall_of(5)["produced"], 0)
