# SPDX-License-Identifier: Apache-2.0
"""Who may speak for a host, shown with real processes: copies, old protocols, renewal while frames flow."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from giamsat_agent import status
from support.site import site

RULE = "agent_identity_misused"


@pytest.mark.parametrize("port", ["ingest", "enrol"])
def test_nothing_older_than_tls_1_3_is_spoken(here, port):
    def handshake(version):
        words = ["openssl", "s_client", "-connect", f"127.0.0.1:{getattr(here, port)}", "-alpn", "h2", version]
        said = subprocess.run(words, input=b"", capture_output=True, timeout=60, check=False).stdout.decode("latin-1")
        return next(line for line in said.splitlines() if "Cipher is" in line)

    assert "TLSv1.3" in handshake("-tls1_3")
    assert "(NONE)" in handshake("-tls1_2")


def test_a_copied_agent_is_refused_while_the_first_goes_on_and_an_alert_says_so(here, tmp_path):
    agent, first = here.agent("host", level=3)
    shutil.copytree(tmp_path / "host", tmp_path / "copy", ignore=shutil.ignore_patterns("lock", "*.sock"))
    here.host("copy")

    here.start_agent("copy")

    here.until(lambda: here.alerts(rule=RULE, asset=agent), 60, "two instances are seen")
    assert (first.poll(), here.state(agent)) == (None, "live")


def test_a_restarted_agent_is_no_copy(here):
    agent, process = here.agent("host", level=3)
    process.kill()
    process.wait()

    here.start_agent("host")
    here.until(lambda: here.state(agent) == "live", 15, "the agent is back")

    assert here.alerts(rule=RULE, asset=agent) == []


def test_the_agent_of_a_unit_that_nothing_follows_is_parked_and_told_and_goes_on_when_something_does(tmp_path):
    with site(tmp_path) as here:
        parked_and_taken_back(here, tmp_path)


def parked_and_taken_back(here, tmp_path):
    agent, process = here.agent("host", level=2)
    _, unit = here.system(2)
    day = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"

    def change(*line):
        text = "effective,operation,id,to,value\n" + ",".join((day, *line)) + "\n"
        return here.ask("registry.import", files={"changes": {"name": "c.csv", "text": text}}, dry_run=False)

    def problem():
        found = status.read(tmp_path / "host")
        return found.problem if found else ""

    assert change("end", unit, "", "")["ends"][0]["unit"] == unit
    assert here.ask("coverage.show")["total"] < 512
    here.until(lambda: f"its unit ended: {unit}" in problem(), 20, "the host says why it may not connect")
    assert (here.state(agent), process.poll()) == ("locked", None)

    change("merge", unit, "40.412", "")
    process.terminate()  # it would try again by itself, minutes after a refusal
    process.wait()
    here.start_agent("host")
    here.until(lambda: here.state(agent) == "live", 20, "the agent goes on without enrolling anew")
    assert here.ask("coverage.show")["total"] == 512
