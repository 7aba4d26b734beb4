# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detector import SECOND_NS
from giamsat_agent.packets.silence import EXPECTED, LEAST, MARGIN_NS, SPAN_NS, Silence
from support.capture import CLIENT, IP, SERVER, START, TCP, UDP, batches, frame, pcap

COME = frame(IP(src=SERVER, dst=CLIENT), TCP(sport=443, dport=50_000, flags="FA"))
GOES = frame(IP(src=CLIENT, dst=SERVER), TCP(sport=50_000, dport=443, flags="FA"))


def heard(path, frames, at_once):
    silence = Silence()
    for batch in batches(pcap(path, frames), at_once):
        silence.hear(batch)
    return silence


def at(second):
    return (START + second) * SECOND_NS


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_a_silence_after_which_the_line_is_back_is_remembered(tmp_path, at_once):
    frames = [(second, COME) for second in (*range(60), *range(100, 130))]

    spans = heard(tmp_path / "x", frames, at_once).spans(at(129), 0)

    assert spans == [(at(59) - MARGIN_NS, at(100))]


def test_how_long_is_long_depends_on_how_much_was_heard(tmp_path):
    busy = heard(tmp_path / "x", [(second, COME) for second in range(60)], 1_000)
    slow = heard(tmp_path / "y", [(second * 6, COME) for second in range(20)], 1_000)
    long_s = SPAN_NS * EXPECTED // 60 // SECOND_NS

    assert busy.spans(at(59 + long_s), 0) == [(at(59) - MARGIN_NS, at(59 + long_s))]
    assert busy.spans(at(58 + long_s), 0) == []
    assert busy.spans(at(58 + long_s), 1) == [(at(59), at(58 + long_s))]
    assert slow.spans(at(114 + long_s), 0) == []


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
@pytest.mark.parametrize(
    "other",
    [
        frame(IP(src=SERVER, dst=CLIENT), TCP(sport=22, dport=50_000, flags="RA")),
        frame(IP(src=SERVER, dst=CLIENT), TCP(sport=443, dport=50_000, flags="PA"), b"x"),
        frame(IP(src=SERVER, dst=CLIENT), UDP(sport=53, dport=50_000), b"x"),
    ],
)
def test_whatever_else_comes_shows_that_the_line_is_there_and_not_how_busy_it_was(tmp_path, other, at_once):
    others = [(second, other) for second in range(58, 131)]
    frames = sorted([*((second, COME) for second in range(55)), *others], key=lambda one: one[0])

    assert heard(tmp_path / "x", frames, at_once).spans(at(131), 0) == []
    assert heard(tmp_path / "y", others, at_once).spans(at(10_000), 1) == []


def test_what_goes_out_is_not_heard_and_a_line_of_which_nothing_was_heard_is_never_cut(tmp_path):
    assert heard(tmp_path / "x", [(second, GOES) for second in range(60)], 1_000).spans(at(10_000), 1) == []
    assert heard(tmp_path / "y", [(second, COME) for second in range(LEAST - 1)], 1_000).spans(at(10_000), 1) == []
