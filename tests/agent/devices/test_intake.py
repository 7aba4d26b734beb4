# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

import pytest

from giamsat_agent.devices.intake import BURST, RAW_MALFORMED, SOURCES, WINDOW_NS, Intake

NOW_NS = 1_795_449_600_000_000_000  # 23 November 2026, 16:00 UTC
DENIED = b"<4>Nov 23 16:00:00 gw kernel: IN=a OUT= SRC=203.0.113.9 DST=10.0.0.1 PROTO=TCP SPT=1 DPT=2"


@pytest.fixture
def intake():
    return Intake(lambda _: UTC)


def take(intake, message, *, address="192.0.2.1", mono_ns=0):
    return list(intake.take(address, message, wall_ns=NOW_NS, mono_ns=mono_ns))


def fold(intake, mono_ns):
    return list(intake.fold(wall_ns=NOW_NS, mono_ns=mono_ns))


def counts(intake):
    return {(dict(s.labels)["source"], dict(s.labels)["outcome"]): s.value for s in intake.counted()}


def test_an_event_says_who_sent_it_and_who_wrote_it(intake):
    (event,) = take(intake, DENIED)

    assert event.kind == "connection-denied"
    assert (event.fields["log.source.address"], event.fields["host.name"]) == ("192.0.2.1", "gw")


def test_a_sender_that_names_no_host_is_named_by_its_address(intake):
    (event,) = take(intake, b"<28>system,error,critical login failure for user a from 203.0.113.9 via ssh")

    assert (event.fields["host.name"], event.fields["observer.name"]) == ("192.0.2.1", "192.0.2.1")


def test_what_no_parser_knows_is_kept_raw_and_counted_by_source(intake):
    (event,) = take(intake, b"<13>Nov 23 16:00:00 h p: nobody knows")

    assert event.fields["event.original"] == "<13>Nov 23 16:00:00 h p: nobody knows"
    assert counts(intake) == {("192.0.2.1", "unknown"): 1.0}


def test_a_flood_of_malformed_messages_becomes_one_event_with_a_number(intake):
    fold(intake, 0)
    kept = [event for _ in range(100) for event in take(intake, b"\x00\xffgarbage")]
    (folded,) = fold(intake, WINDOW_NS)

    assert len(kept) == RAW_MALFORMED
    assert (folded.kind, folded.fields["giamsat.folded.count"]) == ("log-messages-folded", 100 - RAW_MALFORMED)
    assert counts(intake) == {("192.0.2.1", "malformed"): 100.0}
    assert fold(intake, 2 * WINDOW_NS) == []


def test_a_sender_above_its_share_is_counted_and_others_are_not(intake):
    fold(intake, 0)
    kept = sum(len(take(intake, DENIED)) for _ in range(BURST + 10))
    other = take(intake, DENIED, address="192.0.2.2")
    (folded,) = fold(intake, WINDOW_NS)

    assert (kept, len(other)) == (BURST, 1)
    assert (folded.fields["event.reason"], folded.fields["giamsat.folded.count"]) == ("over_share", 10)


def test_a_share_is_earned_again_with_time(intake):
    for _ in range(BURST + 1):
        take(intake, DENIED)

    assert take(intake, DENIED) == []
    assert len(take(intake, DENIED, mono_ns=1_000_000_000)) == 1


def test_senders_are_bounded_and_the_forgotten_stay_counted(intake):
    for number in range(SOURCES + 5):
        take(intake, DENIED, address=f"10.0.{number >> 8}.{number & 255}")

    assert len(intake._sources) == SOURCES
    assert counts(intake)["other", "understood"] == 5.0


@pytest.mark.parametrize("said", [b"Nov 25 16:00:00", b"Nov 21 16:00:00"])
def test_a_device_with_a_wrong_clock_is_believed_in_everything_but_the_time(intake, said):
    (event,) = take(intake, DENIED.replace(b"Nov 23 16:00:00", said))

    assert event.wall_ns == NOW_NS
    assert event.fields["giamsat.log.claimed_time_s"] != NOW_NS // 10**9


def test_the_same_message_twice_is_two_events(intake):
    first, second = take(intake, DENIED), take(intake, DENIED)

    assert first[0].fields["event.id"] != second[0].fields["event.id"]
