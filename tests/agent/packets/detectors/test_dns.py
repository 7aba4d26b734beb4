# SPDX-License-Identifier: Apache-2.0
import random

import pytest

from giamsat_agent.packets.detectors.dns import MADE_UP, NAMES, STORM, looks_made_up
from support.capture import CLIENT, DNS, DNSQR, IP, SERVER, UDP, classes, frame, pcap

RNG = random.Random(3)
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def encoded(length):
    return "".join(RNG.choice(ALPHABET) for _ in range(length))


def asked(name):
    return frame(IP(src=CLIENT, dst=SERVER), UDP(sport=50_000, dport=53), DNS(rd=1, qd=DNSQR(qname=name)))


def missing(name):
    answer = DNS(qr=1, rcode=3, qd=DNSQR(qname=name))
    return frame(IP(src=SERVER, dst=CLIENT), UDP(sport=53, dport=50_000), answer)


@pytest.mark.parametrize("domain", ["tunnel.example", "ddns.gov.vn", ""])
def test_long_noise_below_one_domain_is_a_tunnel(tmp_path, domain):
    names = [f"{encoded(40)}.{encoded(30)}" + (f".{domain}" if domain else "7") for _ in range(NAMES)]

    assert classes(pcap(tmp_path / "x", [(number, asked(name)) for number, name in enumerate(names)])) == {
        ("dns_tunnel", CLIENT)
    }


def test_the_same_long_name_again_and_again_is_none(tmp_path):
    name = f"{encoded(50)}.cdn.example"

    assert classes(pcap(tmp_path / "x", [(number, asked(name)) for number in range(100)])) == set()


def test_many_short_names_of_one_domain_are_none(tmp_path):
    frames = [(number, asked(f"tram-y-te-{number}.nghean.gov.vn")) for number in range(100)]

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_invented_domains_that_do_not_exist_are_a_programs(tmp_path):
    consonants = "bcdfghjklmnpqrstvwxz"
    names = [f"{consonants[number:] + consonants[:number]}.net" for number in range(MADE_UP)]

    assert ("dns_dga", CLIENT) in classes(
        pcap(tmp_path / "x", [(number, missing(name)) for number, name in enumerate(names)])
    )


def test_a_storm_of_names_that_do_not_exist_is_told(tmp_path):
    frames = [(number * 0.1, missing(f"may-{number}.local")) for number in range(STORM)]

    assert classes(pcap(tmp_path / "x", frames)) == {("nxdomain_storm", CLIENT)}


@pytest.mark.parametrize(
    "word", ["google", "nghean", "thongtin", "baohiemxahoi", "facebook", "microsoft", "vietnamnet"]
)
def test_words_do_not_look_made_up(word):
    assert not looks_made_up(word)
