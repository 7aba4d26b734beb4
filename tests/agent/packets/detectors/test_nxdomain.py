# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from giamsat_agent.packets.detectors.nxdomain import ABSENT, CLIENTS, MADE_UP, STORM, MissingNames
from support.capture import CLIENT, DNS, DNSQR, DNSRR, IP, SERVER, UDP, classes, found, frame, pcap, retained

RNG = random.Random(3)
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
CONSONANTS = "bcdfghjklmnpqrstvwxz"


@pytest.fixture(autouse=True)
def the_same_noise():
    """Whatever test came before."""
    RNG.seed(3)


def encoded(length):
    return "".join(RNG.choice(ALPHABET) for _ in range(length))


def missing(name, kind="A"):
    answer = DNS(qr=1, rcode=3, qd=DNSQR(qname=name, qtype=kind))
    return frame(IP(src=SERVER, dst=CLIENT), UDP(sport=53, dport=50_000), answer)


def there(name):
    answer = DNS(qr=1, qd=DNSQR(qname=name), an=DNSRR(rrname=name, type="A", rdata="192.0.2.7"))
    return frame(IP(src=SERVER, dst=CLIENT), UDP(sport=53, dport=50_000), answer)


def test_invented_domains_that_do_not_exist_are_a_programs(tmp_path):
    names = [f"{CONSONANTS[number:] + CONSONANTS[:number]}.net" for number in range(MADE_UP)]

    for before in ("", "w.cc.", "w.com."):
        frames = [(number, missing(before + name)) for number, name in enumerate(names)]
        assert ("dns_dga", CLIENT) in classes(pcap(tmp_path / "x", frames))


def test_what_a_program_made_up_long_ago_is_not_told_again_for_a_name_that_is_mistyped(tmp_path):
    names = [f"{CONSONANTS[number:] + CONSONANTS[:number]}.net" for number in range(MADE_UP)]
    frames = [*((number, missing(name)) for number, name in enumerate(names)), (3_600, missing("wwww.nghean.gov.vn"))]

    assert [one.name for one in found(pcap(tmp_path / "x", frames))] == ["dns_dga"]


def test_what_is_kept_of_a_client_is_bounded_whatever_it_asks_for(tmp_path):
    asked_for = [
        missing(f"{''.join(RNG.sample(CONSONANTS, 20))}.{encoded(60)}.{encoded(12)}.net") for _ in range(2_000)
    ]

    held = retained(MissingNames, pcap(tmp_path / "x", [(number / 1_000, raw) for number, raw in enumerate(asked_for)]))

    assert held * CLIENTS <= 20 << 20


def test_a_storm_of_names_that_do_not_exist_is_told(tmp_path):
    frames = [(number * 0.1, missing(f"may-{number}.local")) for number in range(STORM)]

    assert classes(pcap(tmp_path / "x", frames)) == {("nxdomain_storm", CLIENT)}


def test_names_that_are_there_without_the_domain_that_a_client_added_are_no_storm(tmp_path):
    names = [f"www.trang-{number}.vn" for number in range(2 * STORM)]
    searched = [(number * 0.1, missing(f"{name}.stttt.nghean.gov.vn")) for number, name in enumerate(names)]
    found = [(number * 0.1 + 0.01, there(name)) for number, name in enumerate(names)]

    assert classes(pcap(tmp_path / "x", sorted(searched + found))) == set()
    assert classes(pcap(tmp_path / "y", searched)) == {("nxdomain_storm", CLIENT)}


def test_a_resolver_asks_for_others_who_are_judged_themselves(tmp_path):
    def answered(client, server, name):
        answer = DNS(qr=1, rcode=3, qd=DNSQR(qname=name))
        return frame(IP(src=server, dst=client), UDP(sport=53, dport=50_000), answer)

    resolver = "10.0.0.53"
    names = [f"{CONSONANTS[number:] + CONSONANTS[:number]}.net" for number in range(MADE_UP)]
    frames = [
        (number + step * 0.01, raw)
        for number, name in enumerate(names)
        for step, raw in enumerate((answered(resolver, SERVER, name), answered(CLIENT, resolver, name)))
    ]

    assert classes(pcap(tmp_path / "x", frames)) == {("dns_dga", CLIENT)}


@pytest.mark.parametrize(
    "name",
    [
        "may-{0}.example.com.nghean.gov.vn",
        "api.may-{0}.example.com.default.svc.cluster.local",
        "{0}.2.0.192.in-addr.arpa",
        "{0}.2.0.192.zen.spamhaus.example",
        "mat-may-in.local",
    ],
    ids=["a search domain added", "one of a cluster", "backwards", "a block list", "one name again and again"],
)
def test_names_that_are_missing_by_rule_are_no_storm(tmp_path, name):
    frames = [(number * 0.1, missing(name.format(number))) for number in range(2 * STORM)]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_names_below_a_domain_that_is_choked_are_a_storm(tmp_path):
    frames = [(number * 0.1, missing(f"{encoded(9)}.www.nghean.gov.vn")) for number in range(STORM)]
    behind_two_letters = [(number * 0.1, missing(f"{encoded(9)}.cc.nghean.gov.vn")) for number in range(STORM)]

    assert classes(pcap(tmp_path / "x", frames)) == {("nxdomain_storm", CLIENT)}
    assert classes(pcap(tmp_path / "y", behind_two_letters)) == {("nxdomain_storm", CLIENT)}


def test_a_browser_that_tries_names_of_one_label_is_none(tmp_path):
    names = [CONSONANTS[number:] + CONSONANTS[:number] for number in range(2 * MADE_UP)]

    assert classes(pcap(tmp_path / "x", [(number, missing(name)) for number, name in enumerate(names)])) == set()


def test_domains_made_of_words_show_by_hardly_any_being_there(tmp_path):
    words = ("river", "table", "morning", "silver", "garden", "window")
    names = [f"{one}{other}.net" for one in words for other in words][:ABSENT]
    made_up = [(number * 5, missing(name)) for number, name in enumerate(names)]
    browsing = [(number * 5 + 1, there(f"bao{number}.vn")) for number in range(ABSENT)]

    assert classes(pcap(tmp_path / "x", made_up)) == {("dns_dga", CLIENT)}
    assert classes(pcap(tmp_path / "y", made_up[1:])) == set()
    assert classes(pcap(tmp_path / "z", sorted([*made_up, *browsing]))) == set()


def test_who_looks_up_the_senders_of_mail_made_nothing_up(tmp_path):
    names = [f"_dmarc.{CONSONANTS[number:] + CONSONANTS[:number]}.net" for number in range(MADE_UP)]

    assert classes(pcap(tmp_path / "x", [(number, missing(name, "TXT")) for number, name in enumerate(names)])) == set()
