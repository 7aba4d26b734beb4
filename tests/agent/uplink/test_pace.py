# SPDX-License-Identifier: Apache-2.0
"""How much is under way on links of all kinds, in time that is made up."""

import statistics
from collections import deque

import pytest

from giamsat_agent.uplink.pace import (
    FRAME_S,
    LARGEST_FRAME,
    LARGEST_WINDOW,
    LEAST_WINDOW,
    QUEUED_S,
    SMALLEST_FRAME,
    Pace,
)

S = 1_000_000_000
THIN = 8_000
"""Bytes a second: 64 kbit/s."""


class Link:
    """An endless backlog on a link of `bytes_per_s` whose way there and back takes `trip_s`."""

    def __init__(self, bytes_per_s, trip_s=0.0, *, pace=None, frame=None):
        self.pace, self.rate, self.trip_ns, self.frame = pace or Pace(), bytes_per_s, int(trip_s * S), frame
        self.now = self.free = self.busy = 0
        self.under_way = deque()
        self.waits = []
        """Seconds that something urgent would have waited in front of the link, each time there was news."""

    def runs(self, frames):
        """Let so many frames arrive; the part of the time in which the link carried something."""
        began, busy = self.now, self.busy
        for _ in range(frames):
            while self.pace.room(len(self.under_way), held := sum(size for size, *_ in self.under_way), self.now) > 0:
                size = self.frame or self.pace.frame_bytes
                self.free = max(self.free, self.now) + size * S // self.rate
                self.busy += size * S // self.rate
                self.under_way.append((size, self.free + self.trip_ns, self.pace.leaves(size, held, self.now)))
            self.waits.append((self.free - self.now) / S)
            size, self.now, left = self.under_way.popleft()
            self.pace.delivered += size
            self.pace.arrived(left, self.now)
        return (self.busy - busy) / (self.now - began)


def test_on_a_fast_link_the_window_grows_to_the_most():
    link = Link(12_500_000, 0.001)
    link.runs(400)

    assert link.pace.window == LARGEST_WINDOW


@pytest.mark.parametrize("trip_s", [0.02, 0.2, 0.6])
@pytest.mark.parametrize("bytes_per_s", [THIN, 32_000, 250_000])
def test_a_link_is_kept_full_and_little_waits_in_front_of_it_however_long_the_way(bytes_per_s, trip_s):
    link = Link(bytes_per_s, trip_s)
    link.runs(200)
    link.waits.clear()

    assert link.runs(1_000) >= 0.9
    assert statistics.median(link.waits) <= FRAME_S + QUEUED_S + 0.1
    assert max(link.waits) <= trip_s + FRAME_S + QUEUED_S + 0.1, "all that is under way leaves at once, twice a minute"


@pytest.mark.parametrize("frame", [2_048, 4_000])
def test_frames_that_were_made_for_a_faster_link_do_not_make_it_stand_still(frame):
    link = Link(THIN, 0.6, frame=frame)
    link.runs(100)

    assert link.runs(500) >= 0.75


def test_small_frames_fill_a_link_as_large_ones_do():
    link = Link(250_000, 0.6, frame=2_048)
    link.runs(2_000)

    assert link.runs(5_000) >= 0.9


def test_a_link_that_becomes_thin_is_noticed():
    link = Link(12_500_000, 0.02)
    link.runs(400)
    thin = Link(THIN, 0.02, pace=link.pace, frame=1_000)
    thin.now = thin.free = link.now
    thin.runs(2_000)

    assert thin.pace.window <= 2 * LEAST_WINDOW


def test_a_way_that_becomes_longer_or_shorter_is_noticed_within_a_minute():
    link = Link(32_000, 0.02)
    link.runs(100)
    for trip_s in (0.6, 0.02):
        link.trip_ns = int(trip_s * S)
        since = link.now
        while link.now < since + 60 * S:
            link.runs(1)
        link.waits.clear()

        assert link.runs(200) >= 0.9
        assert statistics.median(link.waits) <= FRAME_S + QUEUED_S + 0.1


def test_a_collector_that_was_slow_once_does_not_have_much_wait_in_front_of_the_link():
    link = Link(THIN, 0.02)
    link.runs(100)
    link.trip_ns = 5 * S
    link.runs(10)
    link.trip_ns = S // 50
    link.runs(20)
    link.waits.clear()
    link.runs(200)

    assert max(link.waits) <= FRAME_S + 2 * QUEUED_S + 0.1


@pytest.mark.parametrize(
    ("bytes_per_s", "frame"), [(THIN, SMALLEST_FRAME), (40_000, 10_000), (100_000_000, LARGEST_FRAME)]
)
def test_frames_are_made_as_large_as_the_link_carries_in_a_quarter_of_a_second(bytes_per_s, frame):
    link = Link(bytes_per_s)
    assert link.pace.frame_bytes == SMALLEST_FRAME

    link.runs(300)

    assert link.pace.frame_bytes == pytest.approx(frame, rel=0.15)
