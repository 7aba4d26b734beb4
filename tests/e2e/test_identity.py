# SPDX-License-Identifier: Apache-2.0
"""Who may speak for a host, shown with real processes: copies, old protocols, renewal while frames flow."""

import shutil
import subprocess
import time

import pytest

from support.site import site

RULE = "agent_identity_misused"


@pytest.fixture
def here(tmp_path):
    with site(tmp_path) as here:
        yield here


@pytest.mark.parametrize("port", ["ingest", "enrol"])
def test_nothing_older_than_tls_1_3_is_spoken(here, port):
    def handshake(version):
        words = ["openssl", "s_client", "-connect", f"127.0.0.1:{getattr(here, port)}", "-alpn", "h2", version]
        said = subprocess.run(words, input=b"", capture_output=True, timeout=20, check=False).stdout.decode("latin-1")
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

    began = time.monotonic()
    here.start_agent("host")
    here.until(lambda: here.state(agent) == "live", 15, "the agent is back")

    assert time.monotonic() - began < 15
    assert here.alerts(rule=RULE) == []
