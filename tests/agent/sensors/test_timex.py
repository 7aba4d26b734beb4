# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.sensors.timex import STA_NANO, TIME_ERROR, Timex, samples
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
