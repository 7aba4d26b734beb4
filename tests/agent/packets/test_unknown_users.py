# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.unknown_users import PAIRS, SPAN_NS, USERS, UnknownUsers
from support.capture import ATTACKER, IP, SERVER, UDP, batches, frame, pcap


def told(path, names):
    """What is told of a capture in which each frame says that there is no such user."""
    unknown = UnknownUsers(Room(), "SIP", 5_060)
    seen = zip(batches(path, 1), names, strict=True)
    return [one for batch, name in seen for one in unknown.add(batch, 0, name)]


def answers(tmp_path, moments):
    one = frame(IP(src=SERVER, dst=ATTACKER), UDP(sport=5_060, dport=5_060), b"no")
    return pcap(tmp_path / f"{len(moments)}", [(moment, one) for moment in moments])


def test_ever_other_users_within_two_minutes_are_looked_for_and_one_that_is_gone_is_not(tmp_path):
    at_once, slowly = range(USERS), [number * SPAN_NS / 1e9 / 4 for number in range(3 * USERS)]

    (found,) = told(answers(tmp_path, at_once), at_once)

    assert (found.name, found.source_ip, found.targets[0].port) == ("bruteforce", ATTACKER, 5_060)
    assert told(answers(tmp_path, at_once), [7] * USERS) == []
    assert told(answers(tmp_path, slowly), range(3 * USERS)) == []


def test_what_is_let_go_of_is_counted(tmp_path):
    room = Room()
    unknown = UnknownUsers(room, "SIP", 5_060)
    ends = [IP(src=SERVER, dst=f"10.0.{number // 250}.{number % 250}") for number in range(PAIRS + 3)]
    frames = [(number, frame(one, UDP(sport=5_060, dport=5_060), b"no")) for number, one in enumerate(ends)]

    for batch in batches(pcap(tmp_path / "x", frames), 1):
        assert list(unknown.add(batch, 0, 1)) == []

    assert room.evicted == 3
