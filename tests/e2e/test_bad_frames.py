# SPDX-License-Identifier: Apache-2.0
"""Clocks, events and frames that cannot be right, over the real wire: nothing is lost, and the rest goes on."""

import time

import grpc
import pytest

from giamsat_wire import limits
from giamsat_wire.record import Sample
from support import lasting
from support.by_hand import attack, failed_login, stream

RULE = "ssh_brute_force"
AT_LEVEL_5 = 5
YEAR_NS = 365 * 24 * 3600 * 1_000_000_000


@pytest.mark.parametrize("off_ns", [-YEAR_NS, YEAR_NS])
def test_a_clock_that_is_a_year_off_is_corrected(here, off_ns):
    agent, config = here.enrolled("host", level=5)

    attack(here, config, AT_LEVEL_5, clock_off_ns=off_ns)

    here.until(lambda: here.alerts(rule=RULE, asset=agent), 5, "an alert is raised")
    (alert,) = here.alerts(rule=RULE, asset=agent)
    assert alert["count"] == AT_LEVEL_5
    assert abs(time.time() - instant(alert["last"])) < 60


@pytest.mark.parametrize("off_ns", [-YEAR_NS, YEAR_NS])
def test_what_claims_to_be_a_year_off_is_kept_and_raises_nothing(here, off_ns):
    agent, config = here.enrolled("host", level=5)
    other, its_config = here.enrolled("other", level=5)
    before = here.ask("status")["frames_received"]

    attack(here, config, AT_LEVEL_5, event_off_ns=off_ns)
    assert here.ask("status")["frames_received"] > before
    # Frames are judged in the order in which they came: once this one was, the first one was.
    attack(here, its_config, AT_LEVEL_5)

    here.until(lambda: here.alerts(rule=RULE, asset=other), 5, "what came after it is judged")
    assert here.alerts(rule=RULE, asset=agent) == []


@pytest.mark.parametrize(
    "payload",
    [b"\xff" * 100, b"\x00" * limits.FRAME_BYTES, b"x" * (limits.FRAME_BYTES + 1)],
    ids=["garbage", "zeros", "oversized"],
)
def test_a_frame_that_cannot_be_read_is_set_aside_and_the_next_one_counts(here, payload, shipped_rules):
    agent, config = here.enrolled("host", level=5)
    before = here.ask("status")["frames_quarantined"]

    with stream(here, config) as opened:
        opened.bytes(payload)
        opened.durable()
        opened.events(*(failed_login(number, time.time_ns()) for number in range(AT_LEVEL_5)))

    here.until(lambda: here.alerts(rule=RULE, asset=agent), 5, "an alert is raised")
    after = here.ask("status")["frames_quarantined"]
    readings = [[Sample("giamsat_frames_quarantined_total", count)] for count in (before, after)]
    assert after == before + 1
    assert lasting.told(shipped_rules, "collector_frames_unreadable", *readings)


def test_an_agent_that_says_more_was_acknowledged_than_was_is_told(here):
    agent, config = here.enrolled("host", level=5)

    with stream(here, config) as opened:
        opened.events(failed_login(1, time.time_ns()))
        opened.claims(acked=9)
        here.until(lambda: here.alerts(rule="agent_books_unbalanced", asset=agent), 15, "its books are told of")


def test_a_message_above_the_cap_ends_its_own_stream_only(here):
    agent, config = here.enrolled("host", level=5)
    _, other = here.enrolled("other", level=5)

    with stream(here, other) as bystander, stream(here, config) as opened:
        opened.bytes(b"x" * (limits.MESSAGE_BYTES + 1))
        ended = opened.end()
        bystander.events(failed_login(1, time.time_ns()))
    attack(here, config, AT_LEVEL_5)

    assert ended[0] == grpc.StatusCode.RESOURCE_EXHAUSTED
    here.until(lambda: here.alerts(rule=RULE, asset=agent), 5, "the agent comes back and is heard")


def instant(text):
    return time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
