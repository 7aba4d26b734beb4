# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.sensors.vmstat import VirtualMemory
from support.pretend_host import pretend_host, reading


def test_paging_swapping_faults_and_kills_are_reported_and_nothing_else():
    assert reading(VirtualMemory(pretend_host())) == {
        ("node_vmstat_pgpgin",): 2214350,
        ("node_vmstat_pgpgout",): 9142212,
        ("node_vmstat_pswpin",): 12,
        ("node_vmstat_pswpout",): 2060,
        ("node_vmstat_pgfault",): 51234567,
        ("node_vmstat_pgmajfault",): 4210,
        ("node_vmstat_oom_kill",): 1,
    }
