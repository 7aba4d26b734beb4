# SPDX-License-Identifier: Apache-2.0
import pytest

from support.capture import LLC, SNAP, STP, Dot3, found, pcap

CORE, SPARE, EVIL = "02:00:00:00:00:10", "02:00:00:00:00:20", "02:00:00:00:00:66"
LATE = "02:00:00:00:00:05"


def tells(root, priority=32768, *, rapid=False, vlan=0):
    body = STP(version=2 * rapid, bpdutype=2 * rapid, rootid=priority + vlan, rootmac=root, bridgemac=root)
    above = (
        LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0x00000C, code=0x010B) if vlan else LLC(dsap=66, ssap=66, ctrl=3)
    )
    return bytes(Dot3(src=root, dst="01:80:c2:00:00:00") / above / body)


def told(tmp_path, *parts):
    """Hellos every two seconds: (how many, frame) one part after the other."""
    frames = [raw for count, raw in parts for _ in range(count)]
    read = found(pcap(tmp_path / "x", [(number * 2, raw) for number, raw in enumerate(frames)]))
    return [(one.name, one.source_mac) for one in read]


@pytest.mark.parametrize("words", [{}, {"rapid": True}, {"vlan": 20}], ids=["802.1D", "rapid", "for each VLAN"])
def test_a_newcomer_that_undercuts_the_root_is_told(tmp_path, words):
    assert told(tmp_path, (40, tells(CORE, **words)), (5, tells(EVIL, 4096, **words))) == [("stp_root", EVIL)]


def test_a_newcomer_of_the_same_priority_and_a_lower_address_is_told(tmp_path):
    assert told(tmp_path, (40, tells(CORE)), (5, tells(LATE))) == [("stp_root", LATE)]


@pytest.mark.parametrize(
    "parts",
    [
        [(40, tells(CORE, 4096)), (40, tells(SPARE, 8192)), (40, tells(CORE, 4096))],
        [(5, tells(EVIL)), (5, tells(SPARE)), (5, tells(CORE)), (40, tells(LATE))],
        [(40, tells(CORE, vlan=10)), (40, tells(SPARE, 4096, vlan=20))],
        [(40, tells(CORE)), (5, tells(EVIL, 4096)[:40])],
    ],
    ids=["a fail-over and the way back", "switches that are turned on", "another VLAN", "cut off"],
)
def test_a_root_that_changes_in_order_is_none(tmp_path, parts):
    assert told(tmp_path, *parts) == []
