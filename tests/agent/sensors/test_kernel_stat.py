# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.sensors.kernel_stat import Stat, parse
from support.pretend_host import by_series, pretend_host, reading


def test_the_totals_since_boot_are_reported():
    assert reading(Stat(pretend_host())) == {
        ("node_intr_total",): 8123456,
        ("node_context_switches_total",): 15123456,
        ("node_boot_time_seconds",): 1_700_000_000,
        ("node_forks_total",): 48211,
        ("node_procs_running",): 3,
        ("node_procs_blocked",): 1,
    }


def test_of_the_interrupts_only_the_total_counts():
    assert by_series(parse("intr 77 30 40 7\nsoftirq 5 5\n")) == {("node_intr_total",): 77}
