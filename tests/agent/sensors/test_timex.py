# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent import kernel_clock
from giamsat_agent.kernel_clock import Timex, Told, packed
from giamsat_agent.sensor import Host, NothingToRead
from giamsat_agent.sensors.timex import OLD_S, STA_NANO, TIME_ERROR, TOLD, ClockDiscipline, samples
from support.clock import ManualClock
from support.pretend_host import by_series


def test_the_figures_come_in_seconds_and_ratios():
    timex = Timex(offset=-52_000, freq=65_536 * 12, maxerror=16_000_000, esterror=400, tick=10_000, tai=37)

    series = by_series(samples(timex, state=0))

    assert series["node_timex_offset_seconds",] == -0.052
    assert series["node_timex_frequency_adjustment_ratio",] == pytest.approx(1.000012, abs=1e-12)
    assert series["node_timex_maxerror_seconds",] == 16
    assert series["node_timex_estimated_error_seconds",] == 0.0004
    assert series["node_timex_tick_seconds",] == 0.01
    assert series["node_timex_tai_offset_seconds",] == 37


def test_a_clock_that_counts_nanoseconds_is_understood():
    series = by_series(samples(Timex(offset=52_000_000, jitter=1_000, status=STA_NANO), state=0))

    assert series["node_timex_offset_seconds",] == 0.052
    assert series["node_timex_pps_jitter_seconds",] == 1e-6


@pytest.mark.parametrize(("state", "synchronized"), [(0, 1), (1, 1), (TIME_ERROR, 0)])
def test_only_an_error_state_means_not_synchronized(state, synchronized):
    assert by_series(samples(Timex(), state=state))["node_timex_sync_status",] == synchronized


@pytest.fixture
def forbidden(tmp_path, monkeypatch):
    """A sensor whose service may not ask the kernel, and a way to tell it what another one was answered."""

    def refuse():
        raise kernel_clock.ForbiddenError

    monkeypatch.setattr(kernel_clock, "read", refuse)
    clock = ManualClock()
    (tmp_path / TOLD).parent.mkdir(parents=True)

    def tell(ago_s):
        told = Told(clock.mono_ns() - int(ago_s * 1e9), Timex(offset=-52_000, tick=10_000), TIME_ERROR)
        (tmp_path / TOLD).write_bytes(packed(told))

    return ClockDiscipline(Host(clock=clock, root=tmp_path)), tell


def test_a_service_that_may_not_ask_reads_what_the_one_that_may_was_told(forbidden):
    sensor, tell = forbidden
    tell(15)

    series = by_series(sensor.read())

    assert series["node_timex_offset_seconds",] == -0.052
    assert series["node_timex_sync_status",] == 0


@pytest.mark.parametrize("ago_s", [None, OLD_S + 1, -OLD_S - 1], ids=["never told", "too old", "of another start"])
def test_what_was_not_told_lately_is_no_reading_and_says_what_to_start(forbidden, ago_s):
    sensor, tell = forbidden
    if ago_s is not None:
        tell(ago_s)

    with pytest.raises(NothingToRead, match="systemctl start giamsat-clock"):
        list(sensor.read())


def test_what_no_clock_process_wrote_is_a_fault(forbidden, tmp_path):
    (tmp_path / TOLD).write_bytes(b"x" * 10_000)

    with pytest.raises(ValueError, match="bytes of a clock"):
        list(forbidden[0].read())
