# SPDX-License-Identifier: Apache-2.0
"""The root exchanged for the next one while real agents stream: nobody enrols anew, nothing is lost."""

import json
import subprocess

import pytest

from support.site import BIN, site


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with site(tmp_path_factory.mktemp("site")) as here:
        yield here


def cli(here, *words):
    return subprocess.run(
        [str(BIN / "giamsat-collector"), "authority", *words, "--config", str(here.config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def age(here, name):
    """Make the certificate of a host that is off as old as one that is due for renewal."""
    facts = here.folder / name / "identity" / "agent.json"
    said = json.loads(facts.read_text())
    facts.write_text(json.dumps({**said, "from_s": said["from_s"] - 40 * 86_400}))


def roots(here, name):
    return (here.folder / name / "identity" / "roots.pem").read_text().count("BEGIN CERTIFICATE")


def stopped(process):
    process.terminate()
    process.wait(60)


def restarted(here, name, process):
    """A host that was restarted and found its certificate due."""
    stopped(process)
    age(here, name)
    return here.start_agent(name)


def kept(here):
    """The lines of the collector's page that say something was lost or does not add up."""
    told = ("giamsat_frames_declared_lost_total{", "giamsat_conservation_violation{")
    return [line for line in here.fetch("/metrics").decode().splitlines() if line.startswith(told)]


def believed(here):
    """Whether the console is believed by the roots the collector names."""
    try:
        return here.fetch("/metrics")
    except OSError:
        return b""


def begun(here):
    """Rotate; what the command said before, at it, and when it was too early for what follows."""
    done = [cli(here, "rotate", "--dry-run"), cli(here, "rotate"), cli(here, "rotate"), cli(here, "retire")]
    assert [one.returncode for one in done] == [0, 0, 1, 1], done
    assert "0 / 2" in done[1].stdout
    assert "2 agents and 1 open tokens" in done[3].stderr
    assert "giamsat_agents_without_root 2.0" in here.fetch("/metrics").decode()


def ended(here):
    """Retire the old root, once everybody knows the new one."""
    here.until(lambda: here.ask("authority.show")["trusting"] == 3, 30, "everybody knows the new root")
    shown = json.loads(cli(here, "show", "--json").stdout)
    assert (shown["missing"], shown["old_tokens"], len(shown["roots"])) == ([], 0, 2)
    retired = cli(here, "retire")
    assert retired.returncode == 0, retired.stderr
    assert not here.ask("authority.show")["rotating"]


def test_a_root_is_exchanged_while_agents_stream_and_one_that_was_off_comes_back(here):
    streaming, first = here.agent("streaming", level=3)
    away, second = here.agent("away", level=3)
    old_token = here.token(level=3)
    stopped(second)

    begun(here)
    before = here.ask("status")["frames_received"]
    here.enrol_with(old_token, here.host("late")).check_returncode()
    here.until(lambda: here.ask("status")["frames_received"] > before, 20, "the stream of the old root goes on")
    assert roots(here, "late") == 2, "who enrols with a letter of before is told the new root at once"

    # The one that was off knows the old root alone, and comes back to servers that show the new one.
    age(here, "away")
    here.start_agent("away")
    here.until(lambda: here.state(away) == "live", 20, "the one that was off is back")
    here.until(lambda: roots(here, "away") == 2, 20, "it learnt the new root as it renewed")
    third = restarted(here, "streaming", first)
    ended(here)

    # Under the new root alone: whoever connects anew is served, and the old root is forgotten at the next renewal.
    restarted(here, "streaming", third)
    here.until(lambda: roots(here, "streaming") == 1, 20, "the old root is forgotten")
    here.until(lambda: here.state(streaming) == "live", 20, "it streams under the new root alone")
    here.until(lambda: believed(here), 10, "the console shows a certificate of the new root")
    assert kept(here) == []
    assert here.alerts(rule="agent_identity_misused") == []
