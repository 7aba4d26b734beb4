# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.detectors.mac import NEW, STRANGERS
from support.capture import Ether, classes, pcap


def mac(number):
    return f"02:00:00:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


def sender(number, to="02:00:00:ff:ff:ff"):
    return bytes(Ether(src=mac(number), dst=to, type=0x88B5)) + bytes(46)


def names(path):
    return {name for name, _ in classes(path)}


def test_thousands_of_new_senders_within_seconds_fill_a_switchs_table(tmp_path):
    assert names(pcap(tmp_path / "x", [(number * 0.001, sender(number)) for number in range(NEW)])) == {"mac_flood"}


def test_many_hosts_that_stay_are_none(tmp_path):
    frames = [(number * 0.001, sender(number % (NEW - 1))) for number in range(3 * NEW)]

    assert names(pcap(tmp_path / "x", frames)) == set()


def test_hosts_that_come_one_after_another_are_none(tmp_path):
    assert names(pcap(tmp_path / "x", [(number * 0.02, sender(number)) for number in range(2 * NEW)])) == set()


def test_frames_from_strangers_to_strangers_fill_it_sooner(tmp_path):
    def apart(ends):
        return [(number * 0.01, sender(number, to)) for number, to in enumerate(ends)]

    strangers = apart(mac(100_000 + number) for number in range(STRANGERS))
    office = apart(mac(number % 9) for number in range(4 * STRANGERS))
    power_returns = apart("ff:ff:ff:ff:ff:ff" for _ in range(4 * STRANGERS))

    assert classes(pcap(tmp_path / "x", strangers)) == {("mac_flood", "")}
    assert names(pcap(tmp_path / "y", office)) == names(pcap(tmp_path / "z", power_returns)) == set()
