# SPDX-License-Identifier: Apache-2.0
"""A real sshd, guessed at by a real client from another network, seen by real agents, judged by a real collector."""

import contextlib

import pytest

from support.guessing import target
from support.site import site

pytestmark = [
    pytest.mark.root,
    pytest.mark.namespaces,
    pytest.mark.peer("sshd", "sshpass", "ssh-keygen", "ip", "journalctl"),
]
RULE, SUCCESS = "ssh_brute_force", "ssh_success_after_failures"
AT_LEVEL_4 = 6
AT_LEVEL_1 = 20


def brute_force(here, agent):
    return here.alerts(rule=RULE, asset=agent)


def test_the_threshold_of_the_systems_level_decides_and_one_attack_is_one_row(here, tmp_path):
    with contextlib.ExitStack() as stack:
        low = stack.enter_context(target(tmp_path, address="192.0.2.10", attacker="192.0.2.66"))
        high = stack.enter_context(target(tmp_path, address="2001:db8::10", attacker="2001:db8::66"))
        first, _ = here.agent("level-1", level=1, within=low.within)
        fourth, _ = here.agent("level-4", level=4, within=high.within)
        for agent in (first, fourth):
            here.reads(agent)

        for host in (low, high):
            host.guess("root", AT_LEVEL_4)
        seconds = here.until(lambda: brute_force(here, fourth), 5, "the host of level 4 raises an alert")
        (alert,) = brute_force(here, fourth)
        assert (alert["source"]["ip"], alert["count"], alert["level"]) == ("2001:db8::66", AT_LEVEL_4, 4)
        assert AT_LEVEL_4 in alert["threshold"].values()
        assert seconds < 5
        assert brute_force(here, first) == []

        for name in ("admin", "backup", "oracle", "test", "www-data"):
            high.guess(name, 1)
        assert high.log_in("root")
        here.until(lambda: here.alerts(rule=SUCCESS, asset=fourth), 5, "the guesser is seen to get in")
        hidden = here.alerts(relation="same", asset=fourth)
        (row,) = here.alerts(rule=SUCCESS, cause=None, asset=fourth)
        assert {one["rule"] for one in hidden} == {RULE, "password_spraying"}
        assert ({one["cause"] for one in hidden}, row["stands_for"]) == ({row["id"]}, 2)
        assert here.ask("alerts.show", alert=hidden[0]["id"])["because"] == ["source.ip 2001:db8::66"]
        # The agent is on the network of the test itself: ports that other tests open meanwhile are none of this.
        told = {one["rule"] for one in here.alerts(cause=None, asset=fourth)} - {"listening_port_opened"}
        assert told == {SUCCESS, "root_login_from_outside"}

        low.guess("admin", AT_LEVEL_1 - AT_LEVEL_4)
        here.until(lambda: brute_force(here, first), 5, "the host of level 1 raises its alert")
        (alert,) = brute_force(here, first)
        assert (alert["source"]["ip"], alert["count"], alert["level"]) == ("192.0.2.66", AT_LEVEL_1, 1)
        assert len(brute_force(here, fourth)) == 1


def test_a_collector_killed_in_mid_attack_ends_with_one_alert_and_the_exact_count(tmp_path):
    with site(tmp_path) as here, target(tmp_path, address="192.0.2.10", attacker="192.0.2.66") as host:
        agent, _ = here.agent("host", level=4, within=host.within)
        here.reads(agent)

        host.guess("root", AT_LEVEL_4 + 1)
        here.until(lambda: brute_force(here, agent), 5, "an alert is raised")
        here.kill()
        host.guess("root", 3)
        here.start()
        host.guess("root", 2)
        total = AT_LEVEL_4 + 1 + 3 + 2
        here.until(lambda: brute_force(here, agent)[0]["count"] == total, 20, "every attempt is counted")
        # What would be told twice comes before what happens now.
        host.guess("root", 1)
        here.until(lambda: brute_force(here, agent)[0]["count"] > total, 20, "the next attempt is counted")

        (alert,) = brute_force(here, agent)
        assert (alert["count"], alert["source"]["ip"]) == (total + 1, "192.0.2.66")
