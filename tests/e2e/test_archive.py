# SPDX-License-Identifier: Apache-2.0
"""From a line of a log to the day file of its level, and from there to the rules again."""

import json
import subprocess

import pytest

from support.auth_log import failed_login
from support.site import BIN, site


@pytest.fixture
def here(tmp_path):
    with site(tmp_path) as here:
        yield here


def run(program, *words, **keywords):
    return subprocess.run([BIN / program, *map(str, words)], capture_output=True, text=True, check=False, **keywords)


def test_what_a_host_said_is_kept_by_its_level_and_can_be_judged_again(here, tmp_path):
    log = tmp_path / "root/var/log/auth.log"
    log.parent.mkdir(parents=True)
    log.write_text("")
    agent, process = here.agent("host", level=4, settings=f'[host]\nroot = "{tmp_path / "root"}"\n')
    here.reads(agent)
    with log.open("a") as file:
        file.writelines(failed_login("192.0.2.7", port) for port in range(1, 9))
    here.until(lambda: here.alerts(asset=agent, rule="ssh_brute_force"), 30, "the guessing is told")
    for each in (process, here.collector):
        each.terminate()
        each.wait(60)

    shown = run("giamsat-collector", "archive", "show", "--json", "--config", here.config)
    assert [json.loads(text)["level"] for text in shown.stdout.splitlines()] == [3, 4]  # 3: the collector's own
    assert run("giamsat-collector", "archive", "verify", "--config", here.config).returncode == 0
    read = run("giamsat-collector", "archive", "read", "--since", "1h", "--asset", agent, "--config", here.config)
    said = [json.loads(text) for text in read.stdout.splitlines()]
    assert sum(one.get("source.ip") == "192.0.2.7" for one in said) == 8

    judged = run("giamsat-rules", "eval", "--events", "-", "--level", "4", input=read.stdout)
    assert "ssh_brute_force" in {json.loads(text)["rule"] for text in judged.stdout.splitlines()}
