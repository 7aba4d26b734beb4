# SPDX-License-Identifier: Apache-2.0
"""Rules exchanged while agents report: rehearsed on what was kept, in force at once, kept over restarts, taken back."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from giamsat_collector.cli import app
from giamsat_rules.load import bundled
from support.auth_log import failed_login
from support.candidate import candidate
from support.overriding import override, written
from support.site import site


@pytest.fixture
def here(tmp_path):
    with site(tmp_path) as here:
        yield here


def test_a_candidate_is_rehearsed_taken_kept_and_taken_back(here, tmp_path):
    def run(*words):
        # In this process, where the shipped rules are understood already.
        return CliRunner().invoke(app, [*map(str, words), "--config", str(here.config)])

    def guess():
        with log.open("a") as file:
            file.write(failed_login("192.0.2.9", time.monotonic_ns() % 60_000))

    log = tmp_path / "root/var/log/auth.log"
    log.parent.mkdir(parents=True)
    log.write_text("")
    agent, _ = here.agent("host", level=3, settings=f'[host]\nroot = "{tmp_path / "root"}"\n')
    here.reads(agent)
    for _ in range(3):
        guess()
    _archived(here, agent, log, 3)
    new = candidate(tmp_path / "new", with_rule=True)

    said = run("replay", "--rules", new.detections, "--since", "1h", "--json")
    *differences, total = map(json.loads, said.stdout.splitlines())
    assert [(one["change"], one["rule"], one["count"], one["asset"]) for one in differences] == [
        ("added", "heard_of", 3, agent)
    ]
    assert (total["alerts"] > 0, total["alerts_per_day"]) == (True, None)
    assert run("rules", "use", new.detections, "--pack", new.pack, "--since", "1h", "--budget", "9").exit_code == 4
    guess()
    assert here.alerts(rule="heard_of") == []

    taken = run("rules", "use", new.detections, "--pack", new.pack)
    assert (taken.exit_code, "+ heard_of" in taken.stdout) == (0, True), taken.output
    guess()
    here.until(lambda: here.alerts(rule="heard_of", asset=agent), 15, "the new rule tells")

    here.kill()
    here.start()
    assert here.ask("rules.show")["number"] == 1
    (row,) = here.alerts(rule="heard_of")
    guess()
    here.until(lambda: here.alerts(rule="heard_of")[0]["count"] > row["count"], 30, "it goes on after a power cut")

    assert run("rules", "back").exit_code == 0
    shown = json.loads(run("rules", "show", "--json").stdout)
    assert (shown["number"], [kept["number"] for kept in shown["kept"]]) == (0, [1])

    _signed_numbers_count(here, run, guess, tmp_path, agent)


def _archived(here, agent, log, lines):
    """Once a collector has what a host says of its log, it archives that before it ends; nothing is waited for."""

    def received():
        sources = here.ask("coverage.ledger", asset=agent, hours=1)["sources"]
        return next((one["received"] for one in sources if one["source"] == str(log)), 0)

    # One more than there are lines: that the log is read now.
    here.until(lambda: received() == lines + 1, 30, "what the host said is received")
    here.collector.terminate()
    assert here.collector.wait(60) == 0
    here.start()


def _signed_numbers_count(here, run, guess, tmp_path, agent):
    # Six guesses by now, and level 3 waits for eight: the next one is told because somebody signed for two.
    system, _ = here.system(3)
    day = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    steps = "set: {ssh_failed_logins: 2}"
    mistyped = run(
        "rules", "use", "--overrides", written(tmp_path / "o", override(steps, of=f"{system}x", expires=day))
    )
    assert mistyped.exit_code == 1
    assert f"{tmp_path / 'o' / 'o0.yml'}:1: no such system: {system}x" in mistyped.stderr
    signed = run("rules", "use", "--overrides", written(tmp_path / "o", override(steps, of=system, expires=day)))
    assert signed.exit_code == 0, signed.output
    guess()
    here.until(lambda: here.alerts(rule="ssh_brute_force", asset=agent), 15, "it is judged by what was signed")
    (alert,) = here.alerts(rule="ssh_brute_force")
    by = json.loads(run("alerts", "show", alert["id"], "--json").stdout)["measured_by"]
    assert (alert["threshold"]["ssh_failed_logins"], by["overrides"][0]["document"]) == (2, "12/QĐ")
    assert "siết / stricter" in run("rules", "overrides").stdout
    assert (
        f"= 2        system {system} (portal: 12/QĐ, until {day})"
        in run("rules", "explain", system, alert["rule"]).stdout
    )


def test_rules_that_can_no_longer_be_read_do_not_keep_the_collector_from_starting(here, tmp_path):
    new = candidate(tmp_path / "new", with_rule=True)
    shipped = here.ask("rules.show")["digest"]
    files = bundled(new)
    taken = here.ask("rules.use", files=files, source="/srv/new", dry_run=False)
    here.kill()
    catalogue = tmp_path / "collector" / "rules" / "1" / "levels" / "tcvn11930-2017" / "catalogue.yml"
    catalogue.write_text("{")

    here.start()

    shown = here.ask("rules.show")
    assert taken["digest"] != shown["digest"] == shipped
    assert shown["number"] == 0
    assert "rules_not_read" in {line.get("event") for line in here.log()}
