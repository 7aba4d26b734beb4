# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.alerts import pcap
from giamsat_collector.alerts.evidence import Evidence
from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.packets import SHOWN, PacketsView
from support.packets import AT, capture


def view(*found):
    return PacketsView.of("0a", found, Reader(Languages().named("en"), ZoneInfo("UTC"), AT))


def piece(raw, *lines):
    return Evidence("id", "eth0", pcap.read(raw), lines)


def test_without_packets_there_is_nothing_to_show():
    assert view() is None


def test_packets_seen_twice_are_listed_once_by_time_and_hostile_text_is_made_visible():
    shown = view(piece(capture(b"a", b"b"), "first", "\u202esecond"), piece(capture(b"a"), "first"))

    assert [line.text for line in shown.lines] == ["first", "\\u202esecond"]
    assert shown.note == "2 packets that the detector saw."
    assert shown.files == (("/alerts/0a/packets-1.pcap", "giamsat-0a.pcap"),)


def test_each_link_type_has_a_file_of_its_own_and_of_many_packets_the_first_are_listed():
    many = [bytes([number]) for number in range(SHOWN + 5)]
    shown = view(piece(capture(*many), *map(str, range(SHOWN + 5))), piece(capture(b"r", link_type=101)))

    assert [name for _, name in shown.files] == ["giamsat-0a.pcap (1)", "giamsat-0a.pcap (101)"]
    assert len(shown.lines) == SHOWN
