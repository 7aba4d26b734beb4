# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.detectors.mac import NEW
from support.capture import Ether, classes, pcap


def sender(number):
    mac = f"02:00:00:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
    return bytes(Ether(src=mac, dst="02:00:00:ff:ff:ff", type=0x88B5)) + bytes(46)


def names(path):
    return {name for name, _ in classes(path)}


def test_thousands_of_new_senders_within_seconds_fill_a_switchs_table(tmp_path):
    assert names(pcap(tmp_path / "x", [(number * 0.001, sender(number)) for number in range(NEW)])) == {"mac_flood"}


def test_many_hosts_that_stay_are_none(tmp_path):
    frames = [(number * 0.001, sender(number % (NEW - 1))) for number in range(3 * NEW)]

    assert names(pcap(tmp_path / "x", frames)) == set()


def test_hosts_that_come_one_after_another_are_none(tmp_path):
    assert names(pcap(tmp_path / "x", [(number * 0.02, sender(number)) for number in range(2 * NEW)])) == set()
