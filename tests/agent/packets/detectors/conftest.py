# SPDX-License-Identifier: Apache-2.0
"""What detectors find in these tests is judged as well: the rules about it fire from findings, not from cases alone.

A rule may need all that a module shows, so that this is looked at once the whole module ran.
"""

from functools import cache

import pytest

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.telling import anomaly_event
from giamsat_agent.packets.telling.report import found
from giamsat_agent.packets.watch import Watch
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence, Subject

FIRES = {
    "test_ack": {"host_scan_on_the_wire", "port_scan_on_the_wire", "stealth_scan_on_the_wire"},
    "test_advertisement": {"router_advertisement_flood", "router_advertisement_rogue"},
    "test_certificate": {"bad_certificate_on_the_wire", "self_signed_certificate_on_the_wire"},
    "test_cleartext": {"cleartext_password_on_the_wire"},
    "test_snmp_guessing": {"snmp_community_on_the_wire"},
    "test_dhcp": {"dhcp_pool_emptied", "dhcp_rogue_server"},
    "test_dhcp6": {"dhcpv6_rogue_server"},
    "test_duplicate_address": {"arp_storm", "duplicate_address"},
    "test_encryption": {"weak_tls_on_the_wire"},
    "test_exhaustion": {"connection_exhaustion_on_the_wire"},
    "test_flood": {"amplification_attack"},
    "test_dns_forgery": {"dns_answers_forged"},
    "test_fragments": {"fragments_on_the_wire"},
    "test_heartbeat": {"beacon_on_the_wire"},
    "test_icmp": {"icmp_tunnel_on_the_wire"},
    "test_kerberos": {"refused_logins_on_the_wire"},
    "test_indicators": {"known_bad_on_the_wire"},
    "test_mac": {"mac_flood"},
    "test_mining": {"mining_on_the_wire"},
    "test_nxdomain": {"made_up_domains", "nxdomain_storm_on_the_wire"},
    "test_name_poisoning": {"name_poisoning"},
    "test_neighbour": {"neighbour_spoofing"},
    "test_resolver": {"other_resolver_on_the_wire"},
    "test_smb1": {"smb_version_one_on_the_wire"},
    "test_stp_root": {"spanning_tree_root_taken"},
    "test_tor": {"tor_on_the_wire"},
    "test_web": {"web_attack_on_the_wire", "web_scan_on_the_wire"},
}
"""By module, the rules that what it shows makes fire at level 5."""


@cache
def _shipped():
    return load_rules(shipped().detections), load_pack(shipped().pack)


@pytest.fixture(scope="module", autouse=True)
def ran(request):
    """The tests of a module that ran; after the last of them its rules have fired."""
    ran, fired = set(), set()
    wanted = FIRES.get(request.module.__name__.rpartition(".")[2], set())
    if not wanted:
        yield ran
        return
    engine = Engine(*_shipped())

    def judging(step):
        def judged(self, *words):
            for one in step(self, *words):
                if isinstance(one, Anomaly):
                    event = anomaly_event.event(found("eth0", one), wall_ns=one.last_ns, mono_ns=1)
                    verdicts = engine.judge(Occurrence(Subject("host", 5, unit="unit"), event.wall_ns, event.fields))
                    fired.update(verdict.rule for verdict in verdicts)
                yield one

        return judged

    with pytest.MonkeyPatch.context() as patched:
        for name in ("take", "rest"):
            patched.setattr(Watch, name, judging(getattr(Watch, name)))
        yield ran
    options = request.config.option
    chosen = options.keyword or options.markexpr or any("::" in word for word in request.config.args)
    its = {item.nodeid for item in request.session.items if item.path == request.node.path}
    if its == ran and not chosen:
        assert wanted <= fired


@pytest.fixture(autouse=True)
def _noted(request, ran):
    ran.add(request.node.nodeid)
