# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.sensor import is_log
from giamsat_agent.sensors import ALL
from support.pretend_host import pretend_host


def test_the_host_s_log_is_the_one_source_with_a_memory():
    assert [spec.name for spec in ALL if is_log(spec.build(pretend_host()))] == ["system_log"]
