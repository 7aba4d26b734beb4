# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys
from pathlib import Path

import pytest

from giamsat_agent import safe_start
from giamsat_agent.uplink import host_binding
from giamsat_agent.uplink.host_binding import Home

PROGRAM = Path(sys.executable).with_name("giamsat-agent")


@pytest.fixture
def state(tmp_path):
    """A host that was enrolled and has worked."""
    for name in ("identity/agent.json", "spool/event/0000000000000001.seg", "status.json", "asking/switch-ports.json"):
        path = tmp_path / "state" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    (tmp_path / "state/asking").rename(tmp_path / "asking")
    (tmp_path / "agent.toml").write_text(
        f'state = "{tmp_path}/state"\n[polling]\nsocket = "/run/x.sock"\nstate = "{tmp_path}/asking"\n'
    )
    return tmp_path / "state"


def asked(state, *words):
    command = [PROGRAM, *words, "--config", state.parent / "agent.toml"]
    return subprocess.run(command, input="n\n", capture_output=True, text=True, timeout=60, check=False)


def left(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_before_an_image_is_made_everything_that_is_this_hosts_goes(state):
    assert asked(state, "prepare-image").returncode == 1
    assert "agent.json" in left(state)

    done = asked(state, "prepare-image", "--yes")

    assert (done.returncode, left(state) - {"lock"}, left(state.parent / "asking")) == (0, set(), set())
    assert "giamsat-agent enrol --collector" in done.stderr


def test_while_the_agent_runs_nothing_is_deleted(state):
    with safe_start.alone(state):
        done = asked(state, "prepare-image", "--yes")

    assert done.returncode == 1
    assert "another agent is running" in done.stderr
    assert "agent.json" in left(state)


def test_a_host_is_confirmed_by_a_person(state):
    host_binding.settle(state / "identity", Home("another", ("00:16:3e:00:00:09",)))

    done = asked(state, "confirm-host")

    assert done.returncode == 0
    assert host_binding._known(state / "identity") == host_binding.here()


def test_who_was_never_enrolled_has_nothing_to_confirm(tmp_path):
    (tmp_path / "agent.toml").write_text(f'state = "{tmp_path}/none"\n')
    (tmp_path / "none").mkdir()

    assert "is not enrolled" in asked(tmp_path / "none", "confirm-host").stderr
