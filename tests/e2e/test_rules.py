# SPDX-License-Identifier: Apache-2.0
"""Rules exchanged while agents report: rehearsed on what was kept, in force at once, kept over restarts, taken back."""

import json
import subprocess
import time

import pytest

from giamsat_rules.load import bundled
from support.auth_log import failed_login
from support.candidate import candidate
from support.site import BIN, site


@pytest.fixture
def here(tmp_path):
    with site(tmp_path) as here:
        yield here


def test_a_candidate_is_rehearsed_taken_kept_and_taken_back(here, tmp_path):
    def run(*words):
        words = [BIN / "giamsat-collector", *map(str, words), "--config", here.config]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def guess():
        with log.open("a") as file:
            file.write(failed_login("192.0.2.9", time.monotonic_ns() % 60_000))

    log = tmp_path / "root/var/log/auth.log"
    log.parent.mkdir(parents=True)
    log.write_text("")
    agent, _ = here.agent("host", level=3, settings=f'[host]\nroot = "{tmp_path / "root"}"\n')
    here.reads_logs(agent)
    for _ in range(3):
        guess()
    here.until(lambda: here.ask("status")["frames_archived"] >= 1, 60, "what the host said is archived")
    new = candidate(tmp_path / "new", with_rule=True)

    said = run("replay", "--rules", new.detections, "--since", "1h", "--json")
    *differences, total = map(json.loads, said.stdout.splitlines())
    assert [(one["change"], one["rule"], one["count"], one["asset"]) for one in differences] == [
        ("added", "heard_of", 3, agent)
    ]
    assert total["alerts_per_day"] > 0
    assert run("rules", "use", new.detections, "--pack", new.pack, "--since", "1h", "--budget", "1").returncode == 3
    guess()
    assert here.alerts(rule="heard_of") == []

    taken = run("rules", "use", new.detections, "--pack", new.pack)
    assert (taken.returncode, "+ heard_of" in taken.stdout) == (0, True), taken.stderr
    guess()
    here.until(lambda: here.alerts(rule="heard_of", asset=agent), 15, "the new rule tells")

    here.kill()
    here.start()
    assert here.ask("rules.show")["number"] == 1
    (row,) = here.alerts(rule="heard_of")
    guess()
    here.until(lambda: here.alerts(rule="heard_of")[0]["count"] > row["count"], 30, "it goes on after a power cut")

    assert run("rules", "back").returncode == 0
    shown = json.loads(run("rules", "show", "--json").stdout)
    assert (shown["number"], [kept["number"] for kept in shown["kept"]]) == (0, [1])


def test_rules_that_can_no_longer_be_read_do_not_keep_the_collector_from_starting(here, tmp_path):
    new = candidate(tmp_path / "new", with_rule=True)
    shipped = here.ask("rules.show")["digest"]
    files = bundled(new)
    taken = here.ask("rules.use", files=files, source="/srv/new", actor="an", dry_run=False)
    here.kill()
    catalogue = tmp_path / "collector" / "rules" / "1" / "levels" / "tcvn11930-2017" / "catalogue.yml"
    catalogue.write_text("{")

    here.start()

    shown = here.ask("rules.show")
    assert taken["digest"] != shown["digest"] == shipped
    assert shown["number"] == 0
    assert "rules_not_read" in {line.get("event") for line in here.log()}
