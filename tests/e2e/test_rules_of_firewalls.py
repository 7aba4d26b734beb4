# SPDX-License-Identifier: Apache-2.0
"""Rules about connections fire from what the kernel's own packet filter logs of packets on a cable."""

import pytest

from giamsat_collector.indicators.contact import Indicators
from support.capture import IP, TCP, Ether
from support.kernel_setting import kernel_setting
from support.listing import entry, lookup
from support.outsider import HERE, OUTSIDER, attacked
from support.peers import program
from support.until import holds

pytestmark = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip", "journalctl", "iptables")]
TELLS = "net/netfilter/nf_log_all_netns"
"""Whether the kernel logs for namespaces other than the first."""
MARKS = {"DROP": 50_001, "ACCEPT": 50_002}
"""What the filter says of packets from these ports."""
AT_ONCE = 60
DENIED = [
    *((OUTSIDER, HERE, port) for port in range(1, 121)),
    *((f"198.51.100.{number}", HERE, 443) for number in range(1, 161)),
    *(("10.0.0.5", f"198.51.100.{number}", 443) for number in range(1, 31)),
    *(("10.0.0.6", f"198.51.100.{number}", 25) for number in range(1, 16)),
]
PASSED = [
    *(("10.0.0.7", f"10.0.1.{number}", 445) for number in range(1, 13)),
    ("10.0.0.8", "198.51.100.9", 4444),
    (OUTSIDER, "10.0.0.9", 3306),
    *((OUTSIDER, "10.0.0.9", 443),) * 4,
    ("10.0.0.9", OUTSIDER, 443),
]
EXPECTED = {
    ("many_denied_connections", OUTSIDER),
    ("port_scan_by_firewall", OUTSIDER),
    ("host_sought_by_many", HERE),
    ("inner_host_refused_outside", "10.0.0.5"),
    ("mail_sent_past_the_server", "10.0.0.6"),
    ("inner_host_reaches_many", "10.0.0.7"),
    ("backdoor_port_reached_outside", "10.0.0.8", "198.51.100.9"),
    ("inner_service_reached_from_outside", OUTSIDER, "3306"),
    ("known_bad_visitor", OUTSIDER, "ncsc"),
    ("known_bad_contact", OUTSIDER, "ncsc", "10.0.0.9"),
}


@pytest.fixture
def lines():
    """What the kernel of a router says of all these packets, as its syslog daemon would send it on."""
    with kernel_setting(TELLS, 1), attacked(kernel="yes") as host:
        router, device = host.pair.here, host.pair.watched
        for mark, port in MARKS.items():
            log = ("-j", "LOG", "--log-prefix", f"FW-{mark} ")
            filters = ("-t", "raw", "-A", "PREROUTING", "-p", "tcp", "--sport", str(port))
            host.pair.run(router, program("iptables"), "-w", *filters, *log)
        said = host.pair.run(router, "cat", f"/sys/class/net/{device}/address", capture_output=True)
        mac = said.stdout.decode().strip()
        packets = [("DROP", *one) for one in DENIED] + [("ACCEPT", *one) for one in PASSED]

        def told():
            # What it said of other cables before is still there.
            return [line for line in host.log.syslog("kernel") if f" MAC={mac}:".encode() in line]

        # The kernel keeps little of what it says: what nobody has read yet is not to be more than that.
        for number in range(0, len(packets), AT_ONCE):
            host.pair.send(
                bytes(Ether(dst=mac) / IP(src=source, dst=target) / TCP(sport=MARKS[mark], dport=port, flags="S"))
                for mark, source, target, port in packets[number : number + AT_ONCE]
            )
            sent = min(number + AT_ONCE, len(packets))
            holds(lambda sent=sent: len(told()) == sent, 20, f"{sent} packets are logged")
        yield told()


def test_what_a_router_s_packet_filter_logs_makes_the_rules_about_connections_fire(lines, judged):
    lists = Indicators()
    lists.lookup = lookup(entry(OUTSIDER, since=0, until=1 << 40))

    assert EXPECTED - judged(lines, lists) == set()
