# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.sensors.uname import Uname
from support.pretend_host import pretend_host


def test_the_kernel_and_the_host_are_named():
    (sample,) = Uname(pretend_host()).read()

    assert sample.name == "node_uname_info"
    assert dict(sample.labels) == {
        "domainname": "(none)",
        "machine": "x86_64",
        "nodename": "srv-ubnd-01",
        "release": "6.1.0-28-amd64",
        "sysname": "Linux",
        "version": "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)",
    }
