# SPDX-License-Identifier: Apache-2.0
import os

import psutil

from giamsat_agent.sensors.agent_self import AgentSelf
from support.pretend_host import pretend_host, reading


def test_the_agents_own_cost_is_reported():
    series = reading(AgentSelf(pretend_host()))

    assert series["process_cpu_seconds_total",] > 0
    assert series["process_virtual_memory_bytes",] > series["process_resident_memory_bytes",] > 1_000_000
    assert series["process_max_fds",] >= series["process_open_fds",] > 2
    assert series["process_start_time_seconds",] > psutil.boot_time()


def test_cpu_time_grows_with_work():
    sensor = AgentSelf(pretend_host())
    before = reading(sensor)["process_cpu_seconds_total",]
    while os.times().user + os.times().system < before + 0.03:
        sum(range(10_000))

    assert reading(sensor)["process_cpu_seconds_total",] > before
