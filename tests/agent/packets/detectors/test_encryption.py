# SPDX-License-Identifier: Apache-2.0
import ssl
import warnings

import pytest

from giamsat_agent.packets.detectors.encryption import WEAK
from support.capture import CLIENT, SERVER, breaches, pcap
from support.handshakes import certificate, segments, spoken

INSIDE = "10.0.0.80"


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


def subjects(path):
    return [one.about["giamsat.policy.subject"] for one in breaches(path)]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"version": ssl.TLSVersion.TLSv1}, "TLS 1.0"),
        ({"version": ssl.TLSVersion.TLSv1_1}, "TLS 1.1"),
        ({"ciphers": "eNULL:@SECLEVEL=0"}, "NULL"),
        ({"ciphers": "aNULL:@SECLEVEL=0"}, "anon"),
    ],
)
def test_what_a_server_accepts_and_should_not_is_told_once_a_day_with_its_name(held, tmp_path, said, fault):
    turns = spoken(held, **said)
    frames = [
        one for number in range(10) for one in segments(CLIENT, INSIDE, turns, sport=40_000 + number, after=number)
    ]

    (breach,) = breaches(pcap(tmp_path / "x", frames))

    assert (breach.name, breach.targets[0].ip, breach.targets[0].port) == ("weak_tls", INSIDE, 443)
    assert breach.about == {"giamsat.policy.subject": fault, "tls.client.server_name": "dichvucong.example"}
    assert breach.counts["connections"] == 10
    assert fault in breach.words[0]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_what_is_offered_and_not_chosen_is_none(held, tmp_path, version):
    # The client offers NULL and TLS 1.0, too.
    turns = spoken(held, version=version)

    assert breaches(pcap(tmp_path / "x", segments(CLIENT, INSIDE, turns))) == ()


def test_a_server_outside_is_for_others_to_mend_but_not_one_that_strangers_use(held, tmp_path):
    turns = spoken(held, version=ssl.TLSVersion.TLSv1)

    assert subjects(pcap(tmp_path / "x", segments(CLIENT, SERVER, turns))) == []
    assert subjects(pcap(tmp_path / "y", segments("203.0.113.9", SERVER, turns))) == ["TLS 1.0"]


def test_the_weak_ciphers_are_those_whose_names_say_so():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from scapy.layers.tls.crypto.suites import _tls_cipher_suites  # noqa: PLC0415 - slow, and only for this
    suites = {number: name for number, name in _tls_cipher_suites.items() if number < 1 << 16}  # not those of SSL 2.0
    signs = {"NULL": "WITH_NULL", "anon": "_anon", "EXPORT": "EXPORT", "DES": "_DES_", "RC4": "_RC4_", "3DES": "3DES"}
    named = {fault: {number for number, name in suites.items() if sign in name} for fault, sign in signs.items()}
    ours = {fault: set(numbers) for fault, numbers in WEAK.items()}

    known = set(suites)
    assert set().union(*ours.values()) & known == set().union(*named.values())
    for fault, numbers in ours.items():
        assert numbers & known <= named[fault]
