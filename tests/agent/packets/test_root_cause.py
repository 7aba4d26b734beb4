# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.anomaly import Anomaly, Severity
from giamsat_agent.packets.root_cause import EXPLAINED_NS, HOSTS, Explained
from giamsat_wire.clock import SECOND_NS

ABOUT = "dns.question.registered_domain"


def told(name, second, host="10.0.0.5", domain="", lasting=0):
    at, end = second * SECOND_NS, (second + lasting) * SECOND_NS
    about = {ABOUT: domain} if domain else {}
    return Anomaly(name, Severity.MEDIUM, ("", ""), host, at, end, about=about)


TUNNEL = told("dns_tunnel", 10_000, domain="a.example")


def test_what_a_stronger_class_explains_is_silent_and_what_it_does_not_speaks():
    explained = [told("nxdomain_storm", 10_100), told("beacon", 10_200, domain="a.example")]
    others = [
        told("nxdomain_storm", 10_100, host="10.0.0.6"),
        told("beacon", 10_200, domain="b.example"),
        told("beacon", 10_200),
        told("nxdomain_storm", 10_001 + EXPLAINED_NS // SECOND_NS),
        told("flood", 10_001),
    ]

    assert list(Explained().spoken([TUNNEL, *explained, *others])) == [TUNNEL, *others]
    assert list(Explained().spoken([told("dns_dga", 9_990), explained[0]])) == [told("dns_dga", 9_990)]


def test_of_a_whole_capture_the_stronger_speaks_though_it_came_later():
    early = [told("beacon", 9_900, domain="a.example"), told("nxdomain_storm", 9_950)]

    assert list(Explained().spoken([*early, TUNNEL])) == [*early, TUNNEL]
    assert Explained().left([*early, TUNNEL]) == [TUNNEL]
    slow = told("dns_tunnel", 5_000, domain="a.example", lasting=50_000)
    assert Explained().left([*early, slow]) == [slow]


def test_what_is_remembered_is_bounded():
    explained = Explained()
    many = [told("dns_tunnel", 1, host=f"host {number}") for number in range(HOSTS + 1)]
    storms = [told("nxdomain_storm", 2, host=one.source_ip) for one in (many[0], many[-1])]

    list(explained.spoken(many))

    assert list(explained.spoken(storms)) == storms[:1]
