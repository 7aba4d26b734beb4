# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.sensors.processes import Processes, parse
from support.pretend_host import pretend_host, reading

AFTER_STATE = "1 7 7 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 3 0 99"


def test_processes_are_counted_by_state():
    assert reading(Processes(pretend_host())) == {
        ("node_processes_pids",): 5,
        ("node_processes_threads",): 36,
        ("node_processes_state", "S"): 4,
        ("node_processes_state", "D"): 1,
        ("node_processes_max_processes",): 4194304,
        ("node_processes_max_threads",): 62789,
    }


@pytest.mark.parametrize("command", ["sshd", "a b", "x) R 1 (y", "((", ")", "tiến trình"])
def test_a_command_cannot_pass_for_a_state(command):
    assert parse(f"7 ({command}) Z {AFTER_STATE}") == ("Z", 3)
