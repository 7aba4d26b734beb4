# SPDX-License-Identifier: Apache-2.0
import json
from random import Random

import pytest
from typer.testing import CliRunner

from giamsat_agent.cli import app
from giamsat_agent.errors import StateError
from giamsat_agent.spool.files import DiskFiles
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_wire.clock import SystemClock
from giamsat_wire.lane import Lane


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "agent.toml"
    path.write_text(f'state = "{tmp_path}"\n')
    spool = Spool(
        lambda lane: DiskFiles(tmp_path / "spool" / lane),
        owner=Owner("agent", "boot"),
        clock=SystemClock(),
        random_bits=Random(1).getrandbits,
        caps=Caps(),
    )
    for number in range(3):
        spool.append(Lane.EVENT, 1, b"frame %d" % number)
    spool.commit(Lane.EVENT)
    spool.close()
    return path


def run(config, *words):
    return CliRunner().invoke(app, ["spool", *words, "--config", str(config)])


def test_each_lane_says_what_waits(config):
    rows = {row["lane"]: row for row in map(json.loads, run(config, "show", "--json").stdout.splitlines())}

    assert {lane: row["waiting"] for lane, row in rows.items()} == {"urgent": 0, "event": 3, "metric": 0, "bulk": 0}
    assert 0 <= rows["event"]["oldest_s"] < 60


def test_a_person_sees_a_table_with_local_time_and_utc(config):
    shown = run(config, "show").stdout

    assert "event" in shown
    assert "Z)" in shown


def test_a_whole_spool_is_verified(config):
    assert run(config, "verify").exit_code == 0


def test_damage_is_named_and_is_exit_code_2(config, tmp_path):
    (segment,) = (tmp_path / "spool" / "event").glob("*.seg")
    content = bytearray(segment.read_bytes())
    content[-3] ^= 0xFF
    segment.write_bytes(content)

    result = run(config, "verify")

    assert result.exit_code == 2
    assert segment.name in result.stderr


def test_a_spool_that_is_not_there_is_an_error_with_what_to_do(tmp_path):
    (tmp_path / "agent.toml").write_text(f'state = "{tmp_path / "none"}"\n')

    assert isinstance(run(tmp_path / "agent.toml", "show").exception, StateError)
