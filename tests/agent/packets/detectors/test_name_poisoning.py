# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat_agent.packets.detectors.name_poisoning import NAMES, answered_name
from support.capture import ATTACKER, CLIENT, IP, UDP, classes, found, frame, pcap


def llmnr(name, *, flags=0x8000, answers=1):
    label = name.encode()
    asked = bytes([len(label)]) + label + b"\0" + struct.pack("!HH", 1, 1)
    return struct.pack("!HHHHHH", 7, flags, 1, answers, 0, 0) + asked


def netbios(name, *, flags=0x8500):
    padded = name.upper().ljust(15).encode() + b"\0"
    coded = b"".join(bytes([0x41 + (octet >> 4), 0x41 + (octet & 15)]) for octet in padded)
    return struct.pack("!HHHHHH", 7, flags, 0, 1, 0, 0) + b"\x20" + coded + b"\0" + struct.pack("!HHIH", 32, 1, 0, 6)


def said(content, port, second):
    return (second, frame(IP(src=ATTACKER, dst=CLIENT), UDP(sport=port, dport=50_000), content))


@pytest.mark.parametrize(("make", "port"), [(llmnr, 5355), (netbios, 137)])
def test_who_answers_for_whatever_is_asked_poisons(tmp_path, make, port):
    frames = [said(make(f"may{number}"), port, number) for number in range(NAMES)]

    (poisoning,) = found(pcap(tmp_path / "x", frames))

    assert (poisoning.name, poisoning.source_ip) == ("name_poisoning", ATTACKER)
    assert "may1" in poisoning.words[0]


@pytest.mark.parametrize(
    ("make", "port"),
    [
        (lambda _: llmnr("may1"), 5355),
        (lambda number: llmnr(f"may{number}", flags=0), 5355),
        (lambda number: llmnr(f"may{number}", flags=0x8003, answers=0), 5355),
        (lambda number: netbios(f"may{number}", flags=0x8580), 137),
    ],
    ids=["one name", "questions", "answers that there is none", "a name server"],
)
def test_what_answers_for_itself_or_for_all_by_right_is_none(tmp_path, make, port):
    assert classes(pcap(tmp_path / "x", [said(make(number), port, number) for number in range(20)])) == set()


@pytest.mark.parametrize("cut", range(0, 60, 4))
def test_what_was_cut_off_has_no_name(cut):
    assert answered_name(netbios("may1")[:cut], netbios=True) in {"", "may1"}
    assert answered_name(llmnr("may1")[:cut], netbios=False) in {"", "may1"}


@pytest.mark.parametrize(("make", "port"), [(llmnr, 5355), (netbios, 137)])
def test_one_answer_for_the_proxy_that_windows_looks_for_poisons(tmp_path, make, port):
    assert classes(pcap(tmp_path / "x", [said(make("wpad"), port, 0)])) == {("name_poisoning", ATTACKER)}


def mdns(name, address, *, flags=0x8400):
    label = name.encode()
    record = bytes([len(label)]) + label + b"\x05local\0" + struct.pack("!HHIH", 1, 0x8001, 120, 4)
    return struct.pack("!HHHHHH", 0, flags, 0, 1, 0, 0) + record + bytes([192, 0, 2, address])


def test_who_gives_one_address_to_whatever_is_asked_by_mdns_poisons(tmp_path):
    frames = [said(mdns(f"may{number}", 9), 5353, number) for number in range(NAMES)]

    assert classes(pcap(tmp_path / "x", frames)) == {("name_poisoning", ATTACKER)}
    assert classes(pcap(tmp_path / "y", [said(mdns("wpad", 9), 5353, 0)])) == {("name_poisoning", ATTACKER)}


@pytest.mark.parametrize(
    "make",
    [
        lambda number: mdns("may1", number % 2),
        lambda number: mdns(f"may{number}", number),
        lambda number: mdns(f"may{number}", 9, flags=0),
        lambda number: mdns(f"may{number}", 9).replace(b"\x05local", b"\x05lokal"),
    ],
    ids=["its own name", "a router that passes on", "questions with what is known", "another ending"],
)
def test_what_is_said_by_mdns_of_hosts_that_are_is_none(tmp_path, make):
    assert classes(pcap(tmp_path / "x", [said(make(number), 5353, number) for number in range(20)])) == set()
