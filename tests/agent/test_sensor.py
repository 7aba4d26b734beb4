# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.schedule import read_once
from giamsat_agent.sensor import is_log
from giamsat_agent.sensors import ALL
from support.clock import ManualClock
from support.pretend_host import empty_host, pretend_host


def test_the_host_s_log_is_the_one_source_with_a_memory():
    assert [spec.name for spec in ALL if is_log(spec.build(pretend_host()))] == ["system_log"]


def test_what_a_host_lacks_is_said_in_both_languages(tmp_path):
    host = empty_host(tmp_path)
    lacking = [outcome for outcome in (read_once(one, one.build(host), ManualClock()) for one in ALL) if outcome.absent]

    assert {"systemd", "system_log", "listening_ports"} <= {outcome.sensor for outcome in lacking}
    assert [outcome.failure for outcome in lacking if " / " not in outcome.failure] == []
