# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from giamsat_agent import status
from support.own_status import made

PROGRAM = Path(sys.executable).with_name("giamsat-agent")
NOBODY = 65_534
STRANGER = f"""
import os, sys
from pathlib import Path
from giamsat_agent import config
from giamsat_agent.commands import doctor
settings = config.load(Path(sys.argv[1]))
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
doctor.tell(settings)
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "agent.toml"
    path.write_text(f'state = "{tmp_path}/state"\n')
    (tmp_path / "state").mkdir()
    return path


def asked(config):
    words = [PROGRAM, "doctor", "--config", config]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def test_the_doctor_names_everything_the_agent_looks_at(config):
    with config.open("a") as file:
        file.write('[snmptrap]\nudp = "127.0.0.1:1162"\n')
        file.write('[[check]]\nname = "app"\nwhat = "log"\ntarget = "/none/x.log"\npatterns = {error = "ERROR"}\n')
    (config.parent / "state/snmp-engine.json").write_text('{"engine": "80007ed9050102030405060708", "boots": 3}')
    result = asked(config)

    assert result.returncode == 0
    assert "engineID 0x80007ed9050102030405060708" in result.stdout
    assert "listening ports" in result.stdout
    assert "✗ ghi danh / enrolled\n    → " in result.stdout
    assert "bộ thu thập / collector 127.0.0.1:7443" in result.stdout
    assert "✗ kiểm tra / check app (log /none/x.log)" in result.stdout
    assert "→ /none/x.log: không có tệp này" in result.stdout


# What is written ahead of its time is not too old, however long the doctor takes to start.
@pytest.mark.parametrize(("age_s", "told"), [(-3_600, True), (3_600, False)])
def test_what_the_running_agent_cannot_read_is_told_with_what_grants_it(config, age_s, told):
    reason = "/run/giamsat-clock/timex: không có / is not there; systemctl start giamsat-clock"
    written_ns = time.time_ns() - age_s * 10**9
    status.write(config.parent / "state", made(written_ns=written_ns, failing={"timex": reason}))

    result = asked(config)

    assert (f"✗ agent đang chạy báo / the running agent tells: timex\n    → {reason}\n" in result.stdout) is told


def test_where_another_user_holds_the_secrets_of_devices_the_doctor_does_not_miss_them(config):
    its = config.parent / "asking"
    its.mkdir()
    (its / "snmp-engine.json").write_text('{"engine": "80007ed9050102030405060708", "boots": 3}')
    with config.open("a") as file:
        file.write(f'[polling]\nsocket = "/run/x.sock"\nstate = "{its}"\n[snmptrap]\nudp = "127.0.0.1:1162"\n')
        file.write('[[device]]\nname = "sw1"\naddress = "192.0.2.1"\ncommunity_file = "/none/community"\n')
    result = asked(config)

    assert "engineID 0x80007ed9050102030405060708" in result.stdout
    assert "✓ thiết bị / device sw1 (192.0.2.1)" in result.stdout


@pytest.fixture
def within_reach(config):
    """The configuration, and the way to it, which else only the tester may go."""
    for folder in (config.parent, *config.parent.parents):
        if folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(0o755)
    return config


@pytest.mark.root
def test_asked_by_root_it_says_what_the_agents_own_user_sees(within_reach):
    os.chown(within_reach.parent / "state", NOBODY, NOBODY)

    assert "✗ tiến trình sau mỗi cổng / the process behind each port" in asked(within_reach).stdout


@pytest.mark.root
@pytest.mark.parametrize("shut", ["state", "."], ids=["the folder", "one above it"])
def test_asked_by_a_stranger_it_says_who_may_ask(within_reach, shut):
    (within_reach.parent / shut).chmod(0o700)

    words = [sys.executable, "-c", STRANGER, within_reach]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    assert "StateError" in done.stderr
    assert "run: sudo giamsat-agent doctor" in done.stderr
