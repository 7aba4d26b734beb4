# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.availability.probe_results import told_of
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_wire.lane import Lane
from giamsat_wire.record import Columns

MINUTE = 60 * 10**9
NOW = 29_000_000 * MINUTE
CHECK = (("probe_success", (("check", "portal"),)),)
FRAME = StoredFrame(1, "a", 1, Lane.METRIC, 1, 0, NOW, 0, b"")


def told(*sets, frame=FRAME, checked=()):
    return told_of(frame, sets, period_s=15, checked=set(checked))


def test_a_host_counts_from_its_first_check_on():
    before, first, after = Columns(NOW, 0, (), []), Columns(NOW, 0, CHECK, [1.0]), Columns(NOW, 0, (), [])

    assert [one.up for one in told(before, first, after)] == [{"portal"}, set()]
    assert len(told(before, checked=["a"])) == 1


def test_a_clock_that_is_off_is_corrected_and_one_that_cannot_be_right_not_believed():
    ahead = StoredFrame(1, "a", 1, Lane.METRIC, 1, 0, NOW, -10 * MINUTE, b"")

    (one,) = told(Columns(NOW + 10 * MINUTE, 0, CHECK, [1.0]), frame=ahead)

    assert one.last == NOW // MINUTE
    assert told(Columns(NOW + 10 * MINUTE, 0, CHECK, [1.0])) == ()
