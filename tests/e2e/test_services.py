# SPDX-License-Identifier: Apache-2.0
"""The unit of the agent as it ships, under a real systemd: hardened, told of as ready, watched, and seeing services."""

import re
import shutil
import ssl
import sys
import tempfile
import urllib.request
from pathlib import Path

import pytest

from giamsat_wire.record import Sample
from support import lasting
from support.own_systemd import own_systemd
from support.ports import free_ports

pytestmark = [
    pytest.mark.root,
    pytest.mark.namespaces,
    pytest.mark.peer("systemd"),
    pytest.mark.skipif(
        shutil.which(f"python{sys.version_info[0]}.{sys.version_info[1]}", path="/usr/bin") is None,
        reason="the service's user needs a Python of this version in /usr/bin",
    ),
    pytest.mark.skipif(
        Path(__file__).is_relative_to("/tmp"),
        reason="the service has a /tmp of its own, in which this checkout is not",
    ),
]
CRASHING = "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/false\n"
FAILED_UNITS = re.compile(r'^node_systemd_units\{state="failed"\} ([1-9]\S*)$', re.MULTILINE)
RUNNING = CRASHING.replace("/bin/false", "/bin/sleep 600")


@pytest.fixture
def here(shared_site):
    """Hosts in a folder that the service's user can reach: PrivateTmp hides the usual ones."""
    folder = Path(tempfile.mkdtemp(prefix="giamsat-", dir="/srv"))
    folder.chmod(0o755)
    with shared_site.hosting(folder):
        yield shared_site
    shutil.rmtree(folder)


@pytest.mark.peer("system-bus")
def test_under_its_hardened_unit_the_agent_is_live_and_tells_of_a_service_that_failed(here, shipped_rules):
    agent, config = here.enrolled("host", level=5)

    def broken():
        found = FAILED_UNITS.search(here.page(agent))
        return [Sample("node_systemd_units", float(found[1]), (("state", "failed"),))] if found else []

    with own_systemd(here.hosts / "systemd") as systemd:
        systemd.add_agent(config, here.hosts / "host")
        systemd.add("crashing.service", CRASHING)
        systemd.add_bus()
        systemd.ctl("start", "dbus.socket", "dbus.service")
        systemd.add_clock()
        clock = systemd.ctl("start", "giamsat-clock.service")

        started = systemd.ctl("start", "giamsat-agent.service")
        here.until(lambda: here.state(agent) == "live", 20, f"the agent is live: {started}")
        systemd.ctl("start", "crashing.service")

        here.until(lambda: here.alerts(rule="service_failed", asset=agent), 15, "the failure is told")
        for _ in range(2):
            systemd.ctl("start", "crashing.service")
        for name in ("nginx", "auditd"):
            systemd.add(f"{name}.service", RUNNING)
            systemd.ctl("start", f"{name}.service")
            systemd.ctl("stop", f"{name}.service")
        for rule in ("service_keeps_failing", "public_service_stopped", "security_service_stopped"):
            here.until(lambda rule=rule: here.alerts(rule=rule, asset=agent), 15, f"{rule} is told")
        here.until(broken, 30, "the failed unit is counted")
        told = systemd.run("journalctl", "--no-pager", "-u", "giamsat-agent.service")
        clock += systemd.run("journalctl", "--no-pager", "-u", "giamsat-clock.service")
    (alert,) = here.alerts(rule="service_failed", asset=agent)
    assert alert["count"] == 3
    assert '"sensor": "timex"' not in told, f"the clock's offset must reach the agent: {clock}"
    assert "node_timex_tick_seconds" in here.page(agent)
    assert lasting.told(shipped_rules, "system_units_failed", *[broken()] * 2)


def test_under_its_hardened_unit_the_capture_process_watches_and_tells_the_agent(here):
    agent, config = here.enrolled("host", level=3, settings='[packets]\ninterfaces = ["lo"]\nuser = "daemon"\n')
    with own_systemd(here.hosts / "systemd") as systemd:
        systemd.add_agent(config, here.hosts / "host", CPUQuota="100%")
        systemd.add_capture(config)
        systemd.ctl("start", "giamsat-agent.service")
        here.until(lambda: here.state(agent) == "live", 20, "the agent is live")

        started = systemd.ctl("start", "giamsat-capture.service")

        here.until(lambda: 'giamsat_capture_up{device="lo"} 1' in here.page(agent), 30, f"lo is watched: {started}")
        told = systemd.run("journalctl", "--no-pager", "-u", "giamsat-capture.service")
    assert "Traceback" not in told


def test_under_its_hardened_unit_the_process_that_asks_devices_tells_the_agent_and_cannot_reach_its_key(here):
    state, key = here.hosts / "asking", here.hosts / "host/identity"
    asks = f'[polling]\nsocket = "/run/giamsat-agent/devices.sock"\nuser = "daemon"\nstate = "{state}"\n'
    (here.hosts / "community").write_text("public")
    device = f'[[device]]\nname = "sw1"\naddress = "127.0.0.1:1"\ncommunity_file = "{here.hosts}/community"\n'
    agent, config = here.enrolled("host", level=3, settings=f"{asks}{device}interval_s = 5\ntimeout_s = 0.5\n")
    with own_systemd(here.hosts / "systemd") as systemd:
        systemd.add_agent(config, here.hosts / "host", CPUQuota="100%")
        systemd.add_devices(config, state, agent=here.hosts / "host")
        systemd.ctl("start", "giamsat-agent.service")
        here.until(lambda: here.state(agent) == "live", 20, "the agent is live")
        assert "sw1" not in here.page(agent)

        started = systemd.ctl("start", "giamsat-devices.service")

        here.until(lambda: 'snmp_up{device="sw1"} 0' in here.page(agent), 40, f"devices are told of: {started}")
        process = systemd.ctl("show", "--value", "-p", "MainPID", "giamsat-devices.service").strip()
        seen = systemd.run("ls", f"/proc/{process}/root{key}")
        told = systemd.run("journalctl", "--no-pager", "-u", "giamsat-devices.service")
    assert "bound.key" not in seen
    assert "Traceback" not in told


def test_an_agent_that_hangs_is_started_anew(here):
    agent, config = here.enrolled("host", level=3)
    with own_systemd(here.hosts / "systemd") as systemd:
        systemd.add_agent(config, here.hosts / "host", WatchdogSec="15", CPUQuota="100%")
        systemd.ctl("start", "giamsat-agent.service")
        here.until(lambda: here.state(agent) == "live", 20, "the agent is live")
        before = systemd.ctl("show", "--value", "-p", "MainPID", "giamsat-agent.service").strip()

        systemd.ctl("kill", "--signal=SIGSTOP", "giamsat-agent.service")

        here.until(
            lambda: (
                systemd.ctl("show", "--value", "-p", "MainPID", "giamsat-agent.service").strip() not in {before, "0"}
            ),
            60,
            "another process took its place",
        )
        assert systemd.ctl("is-active", "giamsat-agent.service").strip() in {"active", "activating"}


ASK = (
    "import contextlib, socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('/run/giamsat-signer/signer.sock')\n"
    'with contextlib.suppress(OSError):\n s.sendall(b\'{"do": "roots"}\\n\')\nprint(s.makefile().readline())'
)


def test_under_its_hardened_unit_the_signer_serves_the_collectors_user_and_holds_its_keys_alone():
    folder = Path(tempfile.mkdtemp(prefix="giamsat-", dir="/srv"))
    folder.chmod(0o755)
    try:
        with own_systemd(folder / "systemd") as systemd:
            systemd.add_signer(folder / "keys", collector="nobody")
            started = systemd.ctl("start", "giamsat-signer.service")
            asked = [
                systemd.run("setpriv", f"--reuid={who}", "--clear-groups", "/usr/bin/python3", "-c", ASK)
                for who in ("nobody", "games")
            ]
            told = systemd.run("journalctl", "--no-pager", "-u", "giamsat-signer.service")
        assert '"version": 1' in asked[0], (started, told)
        assert '"refused": "user"' in asked[1]
        assert (folder / "keys" / "ca" / "root-1" / "root.key").stat().st_mode & 0o777 == 0o600
    finally:
        shutil.rmtree(folder)


BIN = 2
AS_BIN = f'echo {BIN} >/proc/self/loginuid && exec "$@"'
ADMIN = ("sh", "-c", AS_BIN, "sh", str(Path(sys.executable).with_name("giamsat-collector")))


def metrics(data, port):
    """The names of what a collector with this data tells Prometheus."""
    asked = urllib.request.Request(f"https://127.0.0.1:{port}/metrics")
    asked.add_header("Authorization", f"Bearer {(data / 'metrics.token').read_text()}")
    believed = ssl.create_default_context(cafile=data / "roots.pem")
    with urllib.request.urlopen(asked, timeout=60, context=believed) as answer:
        return set(re.findall(r"^[a-z_]+", answer.read().decode(), re.MULTILINE))


def test_under_its_hardened_unit_the_collector_knows_which_person_administers_it_and_what_it_takes_itself():
    folder = Path(tempfile.mkdtemp(prefix="giamsat-", dir="/srv"))
    folder.chmod(0o755)
    config = folder / "collector.toml"
    ports = dict(zip(("ingest", "enrol", "console"), free_ports(3), strict=True))
    listen = "".join(f"{name} = {port}\n" for name, port in ports.items())
    signer = '[authority]\nsigner = "/run/giamsat-signer/signer.sock"\n'
    config.write_text(f'data = "{folder}/data"\n[listen]\nhost = "127.0.0.1"\n{listen}{signer}')
    try:
        with own_systemd(folder / "systemd") as systemd:
            systemd.add_signer(folder / "keys", collector="daemon")
            systemd.add_collector(config, folder / "data")
            started = systemd.ctl("start", "giamsat-signer.service", "giamsat-collector.service")
            loaded = systemd.run(*ADMIN, "registry", "example", "--config", str(config))
            log = systemd.run(*ADMIN, "registry", "log", "--config", str(config))
            told = systemd.run("journalctl", "--no-pager", "-u", "giamsat-collector.service")
            figures = metrics(folder / "data", ports["console"])
        assert {"process_resident_memory_bytes", "process_cpu_seconds_total"} <= figures
        assert " bin " in log, (started, loaded, log[:500], told)
    finally:
        shutil.rmtree(folder)
