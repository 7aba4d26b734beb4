# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.sensors.cpu import CPUS_MOST, Cpu, parse, samples, settle
from support.pretend_host import by_series, empty_host, pretend_host, reading


def test_each_cpu_has_its_time_by_mode_in_seconds():
    series = reading(Cpu(pretend_host()))

    assert series["node_cpu_seconds_total", "1", "idle"] == 20511.0
    assert series["node_cpu_seconds_total", "0", "steal"] == 0.4
    assert series["node_cpu_guest_seconds_total", "0", "nice"] == 0.05
    assert len(series) == 2 * (8 + 2)


def test_the_line_of_all_cpus_together_is_not_reported():
    assert list(parse("cpu  9 9 9 9\ncpu0 1 2 3 400 5 6 7 8 9 10\nintr 5\n", 100)) == ["0"]


def test_a_kernel_with_fewer_columns_gives_fewer_series():
    assert by_series(samples(parse("cpu0 100 0 0 200\n", 100))) == {
        ("node_cpu_seconds_total", "0", "user"): 1.0,
        ("node_cpu_seconds_total", "0", "nice"): 0.0,
        ("node_cpu_seconds_total", "0", "system"): 0.0,
        ("node_cpu_seconds_total", "0", "idle"): 2.0,
    }


def test_a_counter_that_slips_back_a_little_stands_still():
    assert settle((10.0, 0.0, 5.0, 100.0, 7.0), (11.0, 0.0, 5.0, 99.9, 6.5)) == (11.0, 0.0, 5.0, 100.0, 7.0)


def test_a_cpu_that_was_taken_out_and_put_back_starts_anew():
    assert settle((10.0, 0.0, 5.0, 100.0, 7.0), (1.0, 0.0, 0.0, 2.0, 0.0)) == (1.0, 0.0, 0.0, 2.0, 0.0)


@given(st.lists(st.floats(0, 2), min_size=10, max_size=10))
def test_time_that_moves_on_is_reported_as_it_is(steps):
    before = tuple(float(column) for column in range(10))
    now = tuple(column + step for column, step in zip(before, steps, strict=True))

    assert settle(before, now) == now


def test_cpus_past_the_bound_are_left_out_and_said(tmp_path):
    host = empty_host(tmp_path)
    host.proc.mkdir()
    (host.proc / "stat").write_text("".join(f"cpu{cpu} 1 1 1 1\n" for cpu in range(CPUS_MOST + 1)))
    seen = []

    with pytest.raises(ValueError, match=f"lists {CPUS_MOST + 1} CPUs, only the first {CPUS_MOST}"):
        seen.extend(Cpu(host).read())

    assert len(seen) == CPUS_MOST * 4
