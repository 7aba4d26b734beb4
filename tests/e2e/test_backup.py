# SPDX-License-Identifier: Apache-2.0
"""A disaster: the collector's disk is gone, a backup is put back, and its agents send what it has not seen."""

import shutil
import subprocess

import pytest

from support.auth_log import failed_login
from support.site import BIN, site

GUESSER = "192.0.2.7"


@pytest.fixture
def here(tmp_path):
    with site(tmp_path) as here:
        yield here


def backup(here, *words):
    line = [BIN / "giamsat-collector", "backup", *map(str, words), "--config", here.config]
    return subprocess.run(line, capture_output=True, text=True, check=True, timeout=60)


def test_after_a_disk_was_lost_the_backup_is_put_back_and_the_agents_go_on(here, tmp_path):
    log, backups = tmp_path / "root/var/log/auth.log", tmp_path / "backups"
    log.parent.mkdir(parents=True)
    log.write_text("")
    agent, _ = here.agent("host", level=3, settings=f'[host]\nroot = "{tmp_path / "root"}"\n')
    here.reads(agent)

    def guess(first):
        with log.open("a") as file:
            file.writelines(failed_login(GUESSER, port) for port in range(first, first + 8))

    def count():
        found = here.alerts(asset=agent, rule="ssh_brute_force")
        return found[0]["count"] if found else 0

    guess(1)
    here.until(lambda: count() == 8, 30, "the guessing is told")
    (alert,) = [one["id"] for one in here.alerts(asset=agent, rule="ssh_brute_force")]
    said = {"title": "Dò mật khẩu", "group": "intrusion", "serious": True}
    incident = here.ask("incidents.open", alerts=[alert], said=said)["number"]
    never = here.ask("status")["last_backup"]
    backup(here, "make", backups)
    taken = here.ask("status")["last_backup"]
    guess(20)
    here.until(lambda: count() == 16, 30, "what came after the backup is told")
    here.kill()
    shutil.rmtree(here.folder / "collector")

    backup(here, "restore", backups)
    here.start()
    here.until(lambda: here.state(agent) == "live", 60, "the agent is back, with the certificate it had")
    guess(40)

    here.until(lambda: count() == 24, 30, "what came after the backup came again, each once, and the alert goes on")
    assert (never, bool(taken)) == (None, True)
    kept = here.ask("incidents.show", number=incident)
    assert [one["id"] for one in kept["alerts"]] == [alert]
    assert [one["report"] for one in kept["reports"]] == ["initial", "full"]
