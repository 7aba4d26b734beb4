# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.flood import Flood
from giamsat_agent.packets.flood_frames import REFLECTORS
from giamsat_agent.packets.flood_thresholds import LEAST, NAMED, SERVERS, STREAMS
from support.capture import ATTACKER, CLIENT, ICMP, IP, SERVER, TCP, UDP, VICTIM, classes, found, frame, pcap


def spread(raws):
    """Within one second, in order."""
    return [(number / (len(raws) + 1), raw) for number, raw in enumerate(raws)]


def test_syns_to_one_service_that_are_never_acknowledged_are_a_flood(tmp_path):
    raws = [
        frame(
            IP(src=f"10.{number % 250}.{number // 250}.7", dst=VICTIM), TCP(sport=1_024 + number, dport=80, flags="S")
        )
        for number in range(LEAST["syn_flood"])
    ]

    (flood,) = [one for one in found(pcap(tmp_path / "x", spread(raws))) if one.name == "flood"]

    assert flood.targets[0].ip == VICTIM
    assert flood.counts["packets"] == LEAST["syn_flood"]


def test_a_pool_that_calls_a_service_while_it_begins_anew_is_none_up_to_a_point(tmp_path):
    def calls(count, number=0):
        up, down = IP(src=CLIENT, dst=SERVER), IP(src=SERVER, dst=CLIENT)
        pairs = [
            (
                frame(up, TCP(sport=1_024 + one, dport=5_432, flags="S", seq=one)),
                frame(down, TCP(sport=5_432, dport=1_024 + one, flags="RA", seq=number, ack=one + 1)),
            )
            for one in range(count)
        ]
        return spread([raw for pair in pairs for raw in pair])

    assert classes(pcap(tmp_path / "x", calls(4 * LEAST["syn_flood"]))) == set()
    assert classes(pcap(tmp_path / "y", calls(LEAST["refused"]))) == {("flood", CLIENT)}
    assert classes(pcap(tmp_path / "z", calls(4 * LEAST["syn_flood"], number=9))) == {("flood", CLIENT)}


def test_a_service_that_is_down_is_called_again_by_its_clients_and_that_is_none_up_to_a_point(tmp_path):
    def calls(clients, each=1, *, known=True):
        met = [
            (number / 1e4, frame(IP(src=SERVER, dst=f"10.0.{number // 250}.{number % 250}"), TCP(
                sport=443, dport=1_024, flags="SA"))) for number in range(clients)
        ] if known else []  # fmt: skip
        again = [
            (600 + after + (number * each + call) / (clients * each) * 0.9, frame(
                IP(src=f"10.0.{number // 250}.{number % 250}", dst=SERVER),
                TCP(sport=2_000 + call, dport=443, flags="S"))) for after in (0, 1, 3, 7)
            for number in range(clients) for call in range(each)
        ]  # fmt: skip
        return {name for name, _ in classes(pcap(tmp_path / "x", met + again))}

    assert "flood" not in calls(300)
    assert "flood" in calls(300, known=False)
    assert "flood" in calls(300, each=4)
    assert "flood" in calls(20, each=20)


def test_a_busy_service_whose_clients_go_on_is_not_flooded(tmp_path):
    raws = []
    for number in range(LEAST["syn_flood"]):
        ends = IP(src=f"10.{number % 250}.{number // 250}.7", dst=VICTIM)
        raws += [frame(ends, TCP(sport=1_024 + number, dport=80, flags=flags)) for flags in ("S", "A", "PA")]

    assert "flood" not in {name for name, _ in classes(pcap(tmp_path / "x", spread(raws)))}


def test_pings_by_the_hundred_are_a_flood(tmp_path):
    raws = [frame(IP(src=ATTACKER, dst=VICTIM), ICMP(type=8), bytes(56))] * LEAST["icmp_flood"]

    assert ("flood", ATTACKER) in classes(pcap(tmp_path / "x", spread(raws)))


def test_who_answers_a_flood_of_pings_floods_nobody_and_who_is_answered_in_anothers_name_is_flooded(tmp_path):
    ask, answer = (
        frame(IP(src=one, dst=other), ICMP(type=kind), bytes(56))
        for one, other, kind in ((ATTACKER, VICTIM, 8), (VICTIM, ATTACKER, 0))
    )
    least = LEAST["reply_flood"]

    assert classes(pcap(tmp_path / "x", spread([ask, answer] * least))) == {("flood", ATTACKER)}
    (smurf,) = found(pcap(tmp_path / "y", spread([answer] * least)))
    assert (smurf.name, smurf.targets[0].ip) == ("flood", ATTACKER)
    to_all = frame(IP(src=VICTIM, dst="198.51.100.255"), ICMP(type=8), bytes(56))
    assert classes(pcap(tmp_path / "z", spread([to_all] * least))) == {("flood", VICTIM)}


@pytest.mark.parametrize("flags", ["F", "FPU", "", "SF"])
def test_segments_no_tcp_sends_are_a_flood_even_at_one_service(tmp_path, flags):
    raw = frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=4_000, dport=80, flags=flags))

    assert ("flood", ATTACKER) in classes(pcap(tmp_path / "x", spread([raw] * LEAST["odd_flood"])))
    few = classes(pcap(tmp_path / "y", spread([raw] * (LEAST["odd_flood"] - 1))))
    assert "flood" not in {name for name, _ in few}


def test_data_that_is_answered_by_resets_is_a_flood_and_an_upload_is_none(tmp_path):
    up, back = IP(src=ATTACKER, dst=VICTIM), IP(src=VICTIM, dst=ATTACKER)
    least = LEAST["stray_flood"]

    def segments(answer):
        return spread(
            [
                raw
                for number in range(least)
                for raw in (
                    frame(up, TCP(sport=1_024 + number, dport=80, flags="PA"), bytes(100)),
                    frame(back, TCP(sport=80, dport=1_024 + number, flags=answer)),
                )
            ]
        )

    assert ("flood", ATTACKER) in classes(pcap(tmp_path / "x", segments("R")))
    assert "flood" not in {name for name, _ in classes(pcap(tmp_path / "y", segments("A")))}


def test_a_flood_in_many_names_is_one_and_keeps_the_first_it_was_told_under(tmp_path):
    least = LEAST["syn_flood"]
    raws = [
        frame(IP(src=f"203.{number % 199}.0.7", dst=VICTIM), TCP(sport=1_024 + number, dport=80, flags="S"))
        for number in range(4 * least)
    ]
    seconds = enumerate((raws[:least], raws[least : 3 * least], raws))
    frames = [(second + after, raw) for second, its in seconds for after, raw in spread(its)]

    floods = [one for one in found(pcap(tmp_path / "x", frames)) if one.name == "flood"]

    assert [one.targets[0].ip for one in floods] == [VICTIM]


@pytest.mark.parametrize("port", [123, 389, 1900, 11211])
def test_a_server_inside_that_is_misused_against_a_host_outside_is_told_and_a_poll_inside_is_none(tmp_path, port):
    def answers(victim):
        ask = frame(IP(src=victim, dst="10.0.0.8"), UDP(sport=4_444, dport=port), bytes(40))
        answer = frame(IP(src="10.0.0.8", dst=victim), UDP(sport=port, dport=4_444), bytes(450))
        return spread([ask, answer] * LEAST["misused"])

    (told,) = found(pcap(tmp_path / "x", answers(VICTIM)))
    assert (told.name, told.source_ip, told.targets[0].ip) == ("amplification", "10.0.0.8", VICTIM)
    assert classes(pcap(tmp_path / "y", answers(CLIENT))) == set()


def test_a_stream_that_is_answered_is_no_flood(tmp_path):
    down = frame(IP(src=SERVER, dst=CLIENT), UDP(sport=443, dport=50_000), bytes(1_200))
    up = frame(IP(src=CLIENT, dst=SERVER), UDP(sport=50_000, dport=443), bytes(30))

    assert classes(pcap(tmp_path / "x", spread(([down] * 20 + [up]) * (LEAST["udp_flood"] // 20)))) == set()


def test_a_few_segments_to_other_ports_hide_no_flood(tmp_path):
    raws = [
        frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=1_024 + number, dport=80, flags="S"))
        for number in range(2 * LEAST["syn_flood"])
    ]
    raws += [
        frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=1_024, dport=8_000 + number, flags="S")) for number in range(30)
    ]

    assert ("flood", ATTACKER) in classes(pcap(tmp_path / "x", spread(raws)))


@pytest.mark.parametrize("port", REFLECTORS)
def test_each_amplifying_protocol_is_known_however_few_servers_are_misused(tmp_path, port):
    ends = [(f"192.0.2.{number % 3 + 1}", number) for number in range(NAMED)]
    raws = [frame(IP(src=server, dst=VICTIM), UDP(sport=port, dport=4_444), bytes(450)) for server, _ in ends]

    assert {name for name, _ in classes(pcap(tmp_path / "x", spread(raws)))} == {"amplification"}


def test_answers_of_hosts_inside_whose_questions_are_not_seen_are_a_poll_until_there_are_far_too_many(tmp_path):
    def answers(count):
        ends = [IP(src=f"10.0.1.{number % 50}", dst="10.0.0.9") for number in range(count)]
        return spread([frame(one, UDP(sport=161, dport=4_444), bytes(1_300)) for one in ends])

    assert classes(pcap(tmp_path / "x", answers(LEAST["own_reflection"] - 1))) == set()
    (told,) = found(pcap(tmp_path / "y", answers(LEAST["own_reflection"])))
    assert (told.name, told.targets[0].ip) == ("amplification", "10.0.0.9")


def test_a_resolver_that_asked_is_not_hit_by_its_answers(tmp_path):
    ask = frame(IP(src=VICTIM, dst=SERVER), UDP(sport=4_444, dport=53), bytes(40))
    answer = frame(IP(src=SERVER, dst=VICTIM), UDP(sport=53, dport=4_444), bytes(900))

    assert classes(pcap(tmp_path / "x", spread([ask, answer] * (2 * NAMED)))) == set()


def test_acknowledgements_of_no_connection_are_a_flood_and_those_of_downloads_are_none(tmp_path):
    least = LEAST["ack_flood"]
    attack = [
        frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=1_024 + number, dport=80, flags="A")) for number in range(least)
    ]
    downloads = [
        frame(IP(src=CLIENT, dst=VICTIM), TCP(sport=1_024 + number % 50, dport=80, flags="A"))
        for number in range(2 * least)
    ]

    assert ("flood", ATTACKER) in classes(pcap(tmp_path / "x", spread(attack)))
    assert classes(pcap(tmp_path / "y", spread(downloads))) == set()


@pytest.mark.parametrize("port", STREAMS)
def test_amplifiers_that_also_carry_calls_and_tunnels_are_told_when_many_answer_at_once(tmp_path, port):
    def answers(servers):
        ends = [IP(src=f"192.0.2.{number % servers + 1}", dst=VICTIM) for number in range(2 * NAMED)]
        return spread([frame(one, UDP(sport=port, dport=4_444), bytes(450)) for one in ends])

    assert {name for name, _ in classes(pcap(tmp_path / "x", answers(SERVERS)))} == {"amplification"}
    assert classes(pcap(tmp_path / "y", answers(SERVERS - 1))) == set()


@pytest.mark.parametrize(("flags", "kind"), [("SA", "syn_ack_flood"), ("R", "rst_flood"), ("RA", "rst_flood")])
def test_answers_to_a_host_that_asked_nothing_are_a_flood_even_if_it_resets_them(tmp_path, flags, kind):
    raws = [
        raw
        for number in range(LEAST[kind])
        for raw in (
            frame(IP(src=ATTACKER, dst=VICTIM), TCP(sport=1_024 + number, dport=80, flags=flags, seq=number + 1)),
            frame(IP(src=VICTIM, dst=ATTACKER), TCP(sport=80, dport=1_024 + number, flags="R")),
        )[: 2 if flags == "SA" else 1]
    ]

    assert ("flood", ATTACKER) in classes(pcap(tmp_path / "x", spread(raws)))


@pytest.mark.parametrize(("flags", "kind"), [("SA", "syn_ack_flood"), ("RA", "rst_flood")])
def test_answers_that_were_asked_for_and_backscatter_to_many_hosts_are_no_flood(tmp_path, flags, kind):
    asked = [
        raw
        for number in range(2 * LEAST[kind])
        for raw in (
            frame(IP(src=CLIENT, dst=SERVER), TCP(sport=1_024 + number, dport=80, flags="S")),
            frame(IP(src=SERVER, dst=CLIENT), TCP(sport=80, dport=1_024 + number, flags=flags)),
        )
    ]
    backscatter = [
        frame(IP(src=VICTIM, dst=f"10.{number % 250}.{number // 250}.7"), TCP(sport=80, dport=5_000, flags=flags))
        for number in range(2 * LEAST[kind])
    ]

    hit = {one.targets[0].ip for one in found(pcap(tmp_path / "x", spread(asked))) if one.name == "flood"}
    assert CLIENT not in hit
    assert classes(pcap(tmp_path / "y", spread(backscatter))) == set()


def test_a_flood_of_many_sources_is_told_of_whom_it_hits_and_nobody_made_up_is_named(tmp_path):
    def syns(sources):
        return spread(
            [
                frame(IP(src=f"203.0.113.{number % sources + 1}", dst=VICTIM), TCP(sport=number, dport=80, flags="S"))
                for number in range(2 * LEAST["syn_flood"])
            ]
        )

    (told,) = found(pcap(tmp_path / "x", syns(200)))
    (one,) = found(pcap(tmp_path / "y", syns(1)))

    assert (told.name, told.source_ip, told.targets[0].ip, told.offender) == ("flood", "", VICTIM, VICTIM)
    assert "many sources (200)" in told.words[1]
    assert "nhiều nguồn (200)" in told.words[0]
    assert (one.source_ip, one.counts["sources"]) == ("203.0.113.1", 1)


def test_what_is_kept_of_a_second_is_at_most_ten_megabytes():
    room = Flood()._gathered._room

    assert sum(getattr(room, name).nbytes for name in room.__slots__) <= 10 << 20


def test_what_one_service_accepts_whose_callers_are_not_seen_blames_the_caller_and_not_the_service(tmp_path):
    def accepts(count, server="10.0.0.80"):
        return [frame(IP(src=server, dst="10.0.0.9"), TCP(sport=80, dport=1_024 + n, flags="SA")) for n in range(count)]

    (told,) = found(pcap(tmp_path / "x", spread(accepts(3 * LEAST["syn_ack_flood"]))))
    assert (told.source_ip, told.targets[0].ip) == ("10.0.0.9", "10.0.0.80")
    reflected = [raw for n in range(SERVERS) for raw in accepts(LEAST["syn_ack_flood"] // 5, f"10.0.1.{n + 1}")]
    assert {one.targets[0].ip for one in found(pcap(tmp_path / "y", spread(reflected)))} == {"10.0.0.9"}


def test_calls_that_a_service_breaks_off_went_on_though_its_answers_alone_are_seen(tmp_path):
    ends, count = IP(src="10.0.0.80", dst="10.0.0.9"), 2 * LEAST["accepted"]
    answers = [
        frame(ends, TCP(sport=3_306, dport=1_024 + number, flags=flags, seq=7 + (flags == "R"), ack=9))
        for number in range(count)
        for flags in ("SA", "R")
    ]

    assert classes(pcap(tmp_path / "x", spread(answers))) == set()
