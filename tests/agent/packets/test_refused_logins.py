# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.anomaly import Severity
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.refused_logins import AGAIN, FAST, FAST_NS, MISTYPED, PAUSE_NS, SLOW, Refused
from support.capture import ATTACKER, IP, SERVER, TCP, batches, frame, pcap


def told(path):
    """What is told of a capture in which each frame refuses a login."""
    refused = Refused(Room())
    return [one for batch in batches(path, 1) for one in refused.add(batch, 0, "FTP")]


def refusals(tmp_path, moments):
    one = frame(IP(src=SERVER, dst=ATTACKER), TCP(sport=21, dport=40_000, flags="PA"), b"530 no\r\n")
    return pcap(tmp_path / f"{len(moments)}", [(moment, one) for moment in moments])


def test_ten_within_two_minutes_are_guessing_and_fewer_or_slower_ones_are_not(tmp_path):
    span_s = FAST_NS / 1e9

    assert [one.source_ip for one in told(refusals(tmp_path, list(range(FAST))))] == [ATTACKER]
    assert told(refusals(tmp_path, range(FAST - 1))) == []
    assert told(refusals(tmp_path, [number * span_s / 8 for number in range(SLOW - 1)])) == []


def test_guessing_slowly_shows_within_a_day(tmp_path):
    (guess,) = told(refusals(tmp_path, [1_200 * number for number in range(SLOW)]))

    assert (guess.counts["refusals"], guess.targets[0].port) == (SLOW, 21)


def test_what_is_taken_back_does_not_count(tmp_path):
    refused = Refused(Room())
    for batch in batches(refusals(tmp_path, range(3 * FAST)), 1):
        assert list(refused.add(batch, 0, "FTP")) == []
        refused.take_back(batch, 0)


def test_only_who_was_refused_is_excused_when_he_is_let_in(tmp_path):
    refused, told = Refused(Room()), []
    for batch in batches(refusals(tmp_path, range(FAST)), 1):
        told += refused.add(batch, 0, "FTP", 7)
        assert not refused.take_back(batch, 0)
        assert not refused.take_back(batch, 0, 8)

    assert [one.counts["refusals"] for one in told] == [FAST]
    assert refused.take_back(batch, 0, 7)


def test_who_mistyped_a_few_times_is_excused_for_all_of_them_and_who_tried_more_is_not(tmp_path):
    refused = Refused(Room())
    for batch in batches(refusals(tmp_path, range(FAST - 1)), 1):
        assert list(refused.add(batch, 0, "FTP", 7)) == []
    refused.take_back(batch, 0, 7)

    assert [one.counts["refusals"] for one in (*refused.add(batch, 0, "FTP", 7),)] == []
    more = [one for _ in range(MISTYPED) for one in refused.add(batch, 0, "FTP", 7)]
    assert [one.counts["refusals"] for one in more] == [FAST]


CLOCK_S = PAUSE_NS / 1e9 + 1


@pytest.mark.parametrize(
    ("moments", "severity"),
    [
        ([CLOCK_S * number for number in range(FAST)], Severity.MEDIUM),
        ([1_800 * number + number % 3 for number in range(SLOW)], Severity.MEDIUM),
        ([12.0 * number + again for number in range(FAST) for again in (0, 0.02)], Severity.MEDIUM),
        ([(CLOCK_S - 2) * number for number in range(FAST)], Severity.HIGH),
        ([number * number * 1.0 for number in range(FAST)], Severity.HIGH),
        ([12.0 * number + again / 100 for number in range(FAST) for again in range(AGAIN + 1)], Severity.HIGH),
        ([*(CLOCK_S * number for number in range(FAST)), *(80 + number / 10 for number in range(60))], Severity.HIGH),
    ],
    ids=[
        "a service that begins anew",
        "a job of each half hour",
        "each twice",
        "sooner than that",
        "ever later",
        "many at a time",
        "a clock that hides a guesser",
    ],
)
def test_what_is_refused_by_a_clock_may_be_an_old_password_and_weighs_less(tmp_path, moments, severity):
    last = told(refusals(tmp_path, moments))[-1]

    assert (last.name, last.severity) == ("bruteforce", severity)
    assert ("old password" in last.words[1]) == (severity is Severity.MEDIUM)
