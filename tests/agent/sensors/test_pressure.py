# SPDX-License-Identifier: Apache-2.0
import shutil

import pytest

from giamsat_agent.sensor import NothingToRead
from giamsat_agent.sensors.pressure import Pressure
from support.pretend_host import empty_host, pretend_host, reading


def test_stalls_are_reported_in_seconds():
    assert reading(Pressure(pretend_host())) == {
        ("node_pressure_cpu_waiting_seconds_total",): 51.234567,
        ("node_pressure_memory_waiting_seconds_total",): 0.021034,
        ("node_pressure_memory_stalled_seconds_total",): 0.018012,
        ("node_pressure_io_waiting_seconds_total",): 8.123456,
        ("node_pressure_io_stalled_seconds_total",): 7.654321,
        ("node_pressure_irq_stalled_seconds_total",): 0.412345,
    }


def test_a_kernel_without_interrupt_accounting_lacks_only_that(tmp_path):
    host = empty_host(tmp_path)
    shutil.copytree(pretend_host().proc / "pressure", host.proc / "pressure")
    (host.proc / "pressure/irq").unlink()

    assert len(reading(Pressure(host))) == 5


def test_a_kernel_without_pressure_accounting_is_not_a_fault(tmp_path):
    with pytest.raises(NothingToRead, match="CONFIG_PSI"):
        reading(Pressure(empty_host(tmp_path)))
