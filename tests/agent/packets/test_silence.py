# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.silence import EXPECTED, LEAST, MARGIN_NS, SPAN_NS, Silence
from giamsat_wire.clock import SECOND_NS
from support.capture import (
    ATTACKER,
    CLIENT,
    IP,
    SERVER,
    START,
    TCP,
    UDP,
    batches,
    classes,
    connection,
    frame,
    pcap,
)

ACCEPTED = [
    frame(IP(src=f"192.0.2.{80 + number}", dst=CLIENT), TCP(sport=443, dport=50_000, flags="SA")) for number in range(3)
]
VAIN = [
    frame(IP(src=CLIENT, dst=f"192.0.2.{80 + number}"), TCP(sport=50_000, dport=443, flags=flags))
    for number, flags in enumerate(("S", "S", "S"))
]
COME = frame(IP(src=SERVER, dst=CLIENT), TCP(sport=443, dport=50_000, flags="FA"))
GOES = frame(IP(src=CLIENT, dst=SERVER), TCP(sport=50_000, dport=443, flags="FA"))


def heard(path, frames, at_once, before=ACCEPTED):
    """Connections that hosts accepted, and then these frames."""
    silence = Silence()
    frames = [*((-1, raw) for raw in before), *frames]
    for batch in batches(pcap(path, frames), at_once):
        silence.hear(batch)
    return silence


def at(second):
    return (START + second) * SECOND_NS


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_a_silence_after_which_the_line_is_back_is_remembered(tmp_path, at_once):
    asked = [(70, raw) for raw in VAIN]
    frames = [*((second, COME) for second in range(60)), *asked, *((second, COME) for second in range(100, 130))]

    spans = heard(tmp_path / "x", frames, at_once).spans(at(129), 0)

    assert spans == [(at(59) - MARGIN_NS, at(100))]


def test_how_long_is_long_depends_on_how_much_was_heard(tmp_path):
    busy = heard(tmp_path / "x", [*((second, COME) for second in range(60)), *((59, raw) for raw in VAIN)], 1_000)
    slow = heard(tmp_path / "y", [*((second * 6, COME) for second in range(20)), *((115, raw) for raw in VAIN)], 1_000)
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


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (ACCEPTED, []),
        (ACCEPTED, VAIN[:2]),
        (ACCEPTED[:2], VAIN),
        ([], VAIN),
        (ACCEPTED, [GOES] * 3),
        (ACCEPTED, [frame(IP(src=CLIENT, dst=f"203.0.113.{one}"), TCP(dport=443, flags="S")) for one in range(9)]),
    ],
    ids=["nobody", "two hosts", "two that had accepted", "who never accepted", "who wants nothing", "strangers"],
)
@pytest.mark.parametrize("at_once", [1, 1_000])
def test_where_hardly_anybody_is_asked_who_had_accepted_connections_it_is_only_quiet(tmp_path, before, asked, at_once):
    frames = [*((second, COME) for second in range(60)), *((61, raw) for raw in asked)]

    assert heard(tmp_path / "x", frames, at_once, before).spans(at(80), 0) == []
    assert heard(tmp_path / "x", [*frames, (81, COME)], at_once, before).spans(at(81), 0) == []


def test_ends_of_connections_that_nobody_accepted_show_no_busy_line(tmp_path):
    made_up = [frame(IP(src=f"192.0.2.{200 + one}", dst=CLIENT), TCP(sport=443, flags="FA")) for one in range(50)]
    frames = [*((one, raw) for one, raw in enumerate(made_up)), *((50, raw) for raw in VAIN)]

    assert heard(tmp_path / "x", frames, 1_000).spans(at(90), 1) == []


def test_what_goes_out_is_not_heard_and_a_line_of_which_nothing_was_heard_is_never_cut(tmp_path):
    assert heard(tmp_path / "x", [(second, GOES) for second in range(60)], 1_000).spans(at(10_000), 1) == []
    assert heard(tmp_path / "y", [(second, COME) for second in range(LEAST - 1)], 1_000).spans(at(10_000), 1) == []


def syn(target, port, source=ATTACKER):
    return frame(IP(src=source, dst=target), TCP(sport=55_555, dport=port, flags="S"))


def refused(target, port, source=ATTACKER):
    return frame(IP(src=target, dst=source), TCP(sport=port, dport=55_555, flags="RA"))


def browsing(seconds):
    return [
        one
        for second in seconds
        for one in connection(
            CLIENT, f"198.51.100.{second % 200 + 1}", 443, second, sport=30_000 + second, data=[(False, b"x")]
        )
    ]


def test_what_goes_out_while_the_line_is_cut_is_no_scan_and_what_nobody_answers_while_others_are_is(tmp_path):
    in_vain = [(60 + number * 0.5, syn(f"203.0.113.{number + 1}", 443, CLIENT)) for number in range(120)]
    quiet = sorted([*browsing(range(55)), *in_vain])
    # Where the line is cut, those that were there are called in vain as well.
    in_vain += [(60 + number * 5, syn(f"198.51.100.{number + 1}", 443, CLIENT)) for number in range(10)]

    cut = sorted([*browsing(range(55)), *in_vain, *browsing(range(130, 160))])
    still_cut = sorted([*browsing(range(55)), *in_vain])
    alive = sorted(
        [
            *browsing(range(160)),
            *((at, syn(f"203.0.113.{n + 1}", 443, "10.0.0.66")) for n, (at, _) in enumerate(in_vain)),
        ]
    )

    assert classes(pcap(tmp_path / "x", cut)) == set()
    assert classes(pcap(tmp_path / "y", still_cut)) == set()
    assert classes(pcap(tmp_path / "z", alive)) == {("scan_tcp_horizontal", "10.0.0.66")}
    assert classes(pcap(tmp_path / "w", quiet)) == {("scan_tcp_horizontal", CLIENT)}


def test_a_scan_of_the_outside_is_told_though_connections_end_no_more_where_anything_still_comes(tmp_path):
    hosts = [f"203.0.113.{number + 1}" for number in range(60)]
    unanswered = [(66 + number * 0.3, syn(host, 22, CLIENT)) for number, host in enumerate(hosts)]
    refusals = [(66.05 + number * 0.3, refused(host, 22, CLIENT)) for number, host in enumerate(hosts)]
    names = [(at, frame(IP(src=SERVER, dst=CLIENT), UDP(sport=53, dport=40_000), bytes(40))) for at in range(120)]
    piece = frame(IP(src=SERVER, dst=CLIENT), TCP(sport=443, dport=50_000, flags="PA"), b"x")
    load = [(at / 2, piece) for at in range(240)]
    ports = [
        (66 + port * 0.1 + late, kind(SERVER, 1_000 + port, CLIENT))
        for port in range(60)
        for late, kind in ((0, syn), (0.03, refused))
    ]
    forged = [
        (number * 0.02, frame(IP(src=SERVER, dst="10.0.0.200"), TCP(sport=443, dport=1_000 + number, flags="FA")))
        for number in range(60)
    ]
    soon = [(at - 52, raw) for at, raw in (*unanswered, *refusals)]
    for name, frames, told in (
        ("a", [*browsing(range(55)), *unanswered, *refusals], "scan_tcp_horizontal"),
        ("b", [*browsing(range(55)), *unanswered, *refusals, *browsing(range(90, 120))], "scan_tcp_horizontal"),
        ("c", [*browsing(range(55)), *unanswered, *names], "scan_tcp_horizontal"),
        ("d", [*browsing(range(55)), *unanswered, *load], "scan_tcp_horizontal"),
        ("e", [*browsing(range(55)), *ports], "scan_tcp_vertical"),
        ("f", [*forged, *soon], "scan_tcp_horizontal"),
    ):
        assert classes(pcap(tmp_path / name, sorted(frames))) == {(told, CLIENT)}, name


def test_an_interface_that_comes_back_and_numbers_its_frames_anew_is_heard(tmp_path):
    silence = Silence()
    for name, seconds in (("before", range(60)), ("after", range(60, 62))):
        asked = [(seconds[0], raw) for raw in (*ACCEPTED, *VAIN)] if name == "before" else []
        for batch in batches(pcap(tmp_path / name, [*asked, *((second, COME) for second in seconds)]), 10):
            silence.hear(batch)
    for batch in batches(pcap(tmp_path / "vain", [(61, raw) for raw in VAIN]), 10):
        silence.hear(batch)

    assert silence.spans(at(61), 0) == []
    (span,) = silence.spans(at(120), 0)
    assert span == (at(61) - MARGIN_NS, at(120)), "what was heard after it came back counts"
