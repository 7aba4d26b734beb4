# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.flood_frames import frames_of
from giamsat_agent.packets.flood_thresholds import LEAST, RESET, WORDS, kinds
from support.capture import ATTACKER, CLIENT, ICMP, IP, SERVER, TCP, UDP, VICTIM, batches, classes, found, frame, pcap

UP, DOWN = IP(src=CLIENT, dst=SERVER), IP(src=SERVER, dst=CLIENT)


def test_data_is_looked_at_only_where_enough_is_reset(tmp_path):
    def of(resets):
        raws = [frame(UP, TCP(dport=80, flags="PA"), b"x")]
        raws += [frame(DOWN, TCP(sport=80, flags="R"))] * resets
        (batch,) = batches(pcap(tmp_path / "x", list(enumerate(raws))), 1_000)
        return kinds(frames_of(batch), batch.addresses)

    enough = round(RESET * LEAST["stray_flood"])
    assert "stray_flood" not in of(enough - 1)
    assert of(enough)["stray_flood"].tolist() == [True] + [False] * enough


def test_every_kind_has_a_floor_and_words():
    assert LEAST.keys() == WORDS.keys()


def spread(raws):
    """Within one second, in order."""
    return [(number / (len(raws) + 1), raw) for number, raw in enumerate(raws)]


def answering(name, asker, count, *, host=CLIENT, seq=1):
    """What a host answers to a flood, from the same port to ever other ones, or to ever other askers."""
    raws = []
    for number in range(count):
        back = IP(src=host, dst=asker(number))
        if name == "unreachable":
            quoted = bytes(IP(src=asker(number), dst=host) / UDP(sport=1_024 + number, dport=5_555))
            raws.append(frame(back, ICMP(type=3, code=3), quoted))
        else:
            flags, at = {"accepted": ("SA", seq), "closed": ("RA", 0), "refused": ("R", seq)}[name]
            raws.append(frame(back, TCP(sport=80, dport=1_024 + number, flags=flags, seq=at)))
    return spread(raws)


def one_asker(_):
    return ATTACKER


def made_up(number):
    return f"{11 + number % 200}.{number % 250}.7.{number // 250}"


@pytest.mark.parametrize(("asker", "named"), [(one_asker, ATTACKER), (made_up, "")], ids=["one", "made up"])
@pytest.mark.parametrize("name", ["accepted", "closed", "refused", "unreachable"])
def test_a_flood_of_which_only_the_answers_are_seen_is_told_of_whom_it_hits(tmp_path, name, asker, named):
    least = LEAST["refused" if name == "closed" else name]

    frames = answering(name, asker, least)
    (told,) = found(pcap(tmp_path / "x", frames))

    assert (told.name, told.targets[0].ip, told.source_ip) == ("flood", CLIENT, named)
    assert "only the answers" in told.words[1]
    assert classes(pcap(tmp_path / "y", frames[1:])) == set()


@pytest.mark.parametrize("name", ["accepted", "closed", "refused", "unreachable"])
def test_the_trace_of_a_flood_elsewhere_in_whose_names_ours_are_is_none(tmp_path, name):
    def ours(number):
        return f"192.0.{number // 250}.{number % 250}"

    frames = answering(name, ours, LEAST["refused" if name == "closed" else name], host=VICTIM)

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_busy_server_of_which_only_the_answers_are_seen_is_none(tmp_path):
    calls = answering("accepted", made_up, 2 * LEAST["accepted"])
    says = [
        (at + 0.001, frame(IP(src=CLIENT, dst=made_up(number)), TCP(sport=80, dport=1_024 + number, flags="PA"), b"x"))
        for number, (at, _) in enumerate(calls)
    ]

    assert classes(pcap(tmp_path / "x", sorted(calls + says))) == set()
