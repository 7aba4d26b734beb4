# SPDX-License-Identifier: Apache-2.0
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from random import Random

import pytest
from typer.testing import CliRunner

from giamsat_agent import receipts
from giamsat_agent.cli import app
from giamsat_agent.errors import IdentityError, StateError
from giamsat_agent.spool.files import DiskFiles
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink import keys
from giamsat_wire import receipt
from giamsat_wire.clock import SystemClock
from giamsat_wire.lane import Lane
from giamsat_wire.parcel import Opener
from giamsat_wire.receipt import Held
from support.authority import open_authority
from support.parcels import taken_apart
from support.push_server import enrolled

NOBODY = 65_534


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
    assert segment.name in result.stdout


def test_a_spool_that_is_not_there_is_an_error_with_what_to_do(tmp_path):
    (tmp_path / "agent.toml").write_text(f'state = "{tmp_path / "none"}"\n')

    refused = run(tmp_path / "agent.toml", "show").exception

    assert isinstance(refused, StateError)
    assert "next: giamsat-agent enrol" in str(refused)


@pytest.mark.root
@pytest.mark.parametrize("command", ["show", "verify", "export", "import"])
def test_who_may_not_look_is_told_whose_command_it_is(config, tmp_path, command):
    tmp_path.chmod(0o700)
    look = (
        "import os, sys; from pathlib import Path; from giamsat_agent.commands import options, spool\n"
        "from giamsat_agent import errors\nsettings = options.load(Path(sys.argv[1]))\n"
        "spool.load = lambda _: settings\nos.setuid(65_534)\n"
        f"words = [Path('x')] if {command!r} in ('export', 'import') else []\n"
        f"try: spool.spool_{command}(*words, config=None)\nexcept errors.StateError as error: print(error)"
    )

    said = subprocess.run([sys.executable, "-c", look, config], capture_output=True, text=True, check=True).stdout

    assert f"run: sudo giamsat-agent spool {command}" in said


@pytest.fixture
def authority(tmp_path, config):
    """The authority of the collector at which the host of the spool is enrolled."""
    opened = open_authority(tmp_path / "ca", SystemClock())
    identity = replace(enrolled(opened), carrier=opened.carrier.chain_pem)
    identities.store(tmp_path / "identity", identity, keys.pem(keys.fresh()))
    return opened


def test_what_waits_is_sealed_for_the_collector_and_stays_in_the_spool(config, tmp_path, authority):
    result = run(config, "export", str(tmp_path / "a.parcel"), "--json")

    head, (first, end) = taken_apart((tmp_path / "a.parcel").read_bytes())
    opener = Opener(head, authority.carrier.key)
    frames = opener.piece(0, first[0], last=False).frames
    assert json.loads(result.stdout) == {"lane": "event", "frames": 3, "bytes": 21, "first": 1, "last": 3}
    assert [frame.payload for frame in frames] == [b"frame 0", b"frame 1", b"frame 2"]
    assert opener.piece(1, end[0], last=True) is None
    assert '"waiting": 3' in run(config, "show", "--json").stdout


def test_a_receipt_or_a_key_that_cannot_be_read_is_said_with_where_it_comes_from(config, tmp_path, authority):
    none = str(tmp_path / "none")

    assert "name the receipt that came back" in str(run(config, "import", none).exception)
    assert "giamsat-collector spool key FILE" in str(run(config, "export", none, "--key", none).exception)


def test_a_parcel_is_never_written_over_another_file(config, tmp_path, authority):
    file = tmp_path / "a.parcel"
    file.write_bytes(b"something else")

    result = run(config, "export", str(file))

    assert isinstance(result.exception, StateError)
    assert file.read_bytes() == b"something else"


def test_nor_over_what_is_named_like_half_of_one(config, tmp_path, authority):
    half = tmp_path / "a.parcel.part"
    half.write_bytes(b"something else")

    assert isinstance(run(config, "export", str(tmp_path / "a.parcel")).exception, StateError)
    assert half.read_bytes() == b"something else"


def test_a_stick_that_is_full_leaves_no_half_of_a_file(config, tmp_path, authority):
    result = run(config, "export", "/dev/full/a.parcel")

    assert isinstance(result.exception, StateError)
    assert "nothing was written" in str(result.exception)


def test_where_nothing_waits_no_file_is_written(config, tmp_path, authority):
    for name in ("cursor.a", "cursor.b"):
        (tmp_path / "spool/event" / name).unlink(missing_ok=True)
    for segment in (tmp_path / "spool").rglob("*.seg"):
        segment.unlink()

    result = run(config, "export", str(tmp_path / "a.parcel"))

    assert "nothing waits" in result.stderr
    assert not list(tmp_path.glob("a.parcel*"))


@pytest.mark.parametrize("given", [False, True])
def test_an_agent_that_knows_no_key_is_told_where_to_get_it(config, tmp_path, authority, given):
    (tmp_path / "identity" / "carrier.pem").unlink()
    (tmp_path / "key.pem").write_bytes(authority.carrier.chain_pem)

    result = run(config, "export", str(tmp_path / "a.parcel"), *(["--key", str(tmp_path / "key.pem")] if given else []))

    assert (tmp_path / "a.parcel").exists() is given
    assert given or "giamsat-collector spool key" in str(result.exception)


def test_nothing_is_sealed_for_somebody_else(config, tmp_path, authority):
    other = open_authority(tmp_path / "other", SystemClock())
    (tmp_path / "key.pem").write_bytes(other.carrier.chain_pem)

    result = run(config, "export", str(tmp_path / "a.parcel"), "--key", str(tmp_path / "key.pem"))

    assert isinstance(result.exception, IdentityError)
    assert not (tmp_path / "a.parcel").exists()


def test_a_receipt_is_left_for_the_agent(config, tmp_path, authority):
    agent = identities.load(tmp_path / "identity").agent_id
    (tmp_path / "r").write_bytes(receipt.written(agent, 1, [Held(Lane.EVENT, 5, 3)], authority.carrier.key))

    assert run(config, "import", str(tmp_path / "r")).exit_code == 0
    assert receipts.taken(tmp_path) == [receipts.Told(lane=Lane.EVENT, epoch=5, seq=3)]


@pytest.mark.root
def test_asked_by_root_a_receipt_is_left_as_the_agent_could_leave_it(config, tmp_path, authority, reachable):
    """Whoever has become the agent's user must not be able to have root give files away."""
    agent = identities.load(tmp_path / "identity").agent_id
    (tmp_path / "r").write_bytes(receipt.written(agent, 1, [Held(Lane.EVENT, 5, 3)], authority.carrier.key))
    state, foreign = reachable / "state", reachable / "foreign"
    shutil.copytree(tmp_path / "identity", state / "identity")
    foreign.mkdir()
    (state / "receipts").symlink_to(foreign)
    os.chown(state, NOBODY, NOBODY)
    config.write_text(f'state = "{state}"\n')
    words = [sys.executable, "-c", "from giamsat_agent.cli import main; main()", "spool", "import", tmp_path / "r"]
    words += ["--config", config]

    refused = subprocess.run(words, capture_output=True, text=True, check=False)
    (state / "receipts").unlink()
    taken = subprocess.run(words, capture_output=True, text=True, check=False)

    assert (refused.returncode, foreign.stat().st_uid, list(foreign.iterdir())) == (1, 0, [])
    assert "cannot be written" in refused.stderr
    assert (taken.returncode, [path.stat().st_uid for path in (state / "receipts").iterdir()]) == (0, [NOBODY])


def test_a_receipt_that_is_not_ours_leaves_nothing(config, tmp_path, authority):
    (tmp_path / "r").write_bytes(receipt.written("another", 1, [Held(Lane.EVENT, 5, 3)], authority.carrier.key))

    result = run(config, "import", str(tmp_path / "r"))

    assert "nothing was forgotten" in str(result.exception)
    assert receipts.taken(tmp_path) == []
