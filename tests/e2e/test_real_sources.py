# SPDX-License-Identifier: Apache-2.0
"""Rules fire from the real programs and the real kernel they are about, on hosts of level 5, through the whole chain.

The rules that need hours are given seconds by a level pack of the test; nothing else about them differs. Not here:
service_failed needs systemd as the first process, clock_offset would have to set the clock of the machine.
"""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from giamsat_rules.load import shipped
from support import snmp_agent
from support.control_group import control_group
from support.guessing import target
from support.journald import journald
from support.kernel_setting import kernel_setting
from support.site import site

FAILURES_BEFORE_SUCCESS = 3
EXCEPTIONS = Path("/proc/sys/debug/exception-trace")
SOON = {
    "disk_full_for: 1m": "disk_full_for: 5s",
    "memory_available_ratio: 0.10": "memory_available_ratio: 0.999\n  memory_low_for: 5s",
    "log_source_silent_after: 2h": "log_source_silent_after: 10s",
    "agent_silent_after: 75s": "agent_silent_after: 15s",
    "unit_silent_after: 45s": "unit_silent_after: 13s",
}


@pytest.fixture(scope="module")
def hurried_site(tmp_path_factory):
    """A site whose level pack does not wait for minutes and hours."""
    folder = tmp_path_factory.mktemp("site")
    pack = folder / "pack"
    shutil.copytree(shipped().pack, pack)
    level = pack / "level-5.yml"
    text = level.read_text()
    for said, instead in SOON.items():
        assert said in text
        text = text.replace(said, instead)
    level.write_text(text)
    with site(folder, f'[rules]\npack = "{pack}"\n') as opened:
        yield opened


@pytest.fixture
def hurried(hurried_site, tmp_path):
    with hurried_site.hosting(tmp_path):
        yield hurried_site


def raised(here, rule, agent):
    return here.alerts(rule=rule, asset=agent)


def evidence(here, alert):
    return here.ask("alerts.show", alert=alert["id"])["evidence"]


@contextlib.contextmanager
def mounted(image, folder, mib):
    """A small file system of its own on a loop device."""
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(mib << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True, capture_output=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("sshd", "sshpass", "ssh-keygen", "ip", "journalctl")
def test_root_who_gets_in_from_outside_after_failures_raises_both_rules(here, tmp_path):
    with target(tmp_path, address="192.0.2.10", attacker="192.0.2.66") as host:
        agent, _ = here.agent("host", level=5, within=host.within)
        here.reads(agent)

        host.guess("root", FAILURES_BEFORE_SUCCESS)
        assert host.log_in("root")
        here.until(lambda: raised(here, "ssh_success_after_failures", agent), 5, "the success is told")
        here.until(lambda: raised(here, "root_login_from_outside", agent), 5, "root from outside is told")

        (guessed,) = raised(here, "ssh_success_after_failures", agent)
        (outside,) = raised(here, "root_login_from_outside", agent)
        assert (guessed["source"]["ip"], guessed["count"]) == ("192.0.2.66", FAILURES_BEFORE_SUCCESS + 1)
        assert (outside["source"]["ip"], outside["count"]) == ("192.0.2.66", 1)
        assert raised(here, "ssh_brute_force", agent) == []


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("useradd", "sudo", "journalctl")
def test_a_new_account_and_its_refused_sudo_are_told(here):
    with journald() as log:
        log.with_own_accounts()
        agent, _ = here.agent("host", level=5, within=log.within)
        here.reads(agent)

        log.run("useradd", "--create-home", "khach").check_returncode()
        wanted = ("sudo", "--stdin", "--reset-timestamp", "/usr/bin/id")
        refused = log.run("setpriv", "--reuid=khach", "--regid=khach", "--init-groups", *wanted, input=b"wrong\n")
        here.until(lambda: raised(here, "account_created", agent), 5, "the account is told")
        here.until(lambda: raised(here, "sudo_to_root_failed", agent), 5, "the refusal is told")

        (created,) = raised(here, "account_created", agent)
        (failed,) = raised(here, "sudo_to_root_failed", agent)
        assert refused.returncode == 1
        assert [event["user.target.name"] for event in evidence(here, created)] == ["khach"]
        assert [event["process.command_line"] for event in evidence(here, failed)] == ["/usr/bin/id"]


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("journalctl", "ip")
def test_what_the_kernel_says_of_a_crash_and_of_an_interface_is_told(here, tmp_path):
    if EXCEPTIONS.read_text().strip() == "0":
        pytest.skip("this kernel does not tell of crashes")
    crash = "import ctypes; ctypes.string_at(0)"
    for name in ("vsftpd", "pkexec"):
        (tmp_path / name).symlink_to(sys.executable)
    # Ten such lines in five seconds are all it tells otherwise, those of an audit of the whole machine among them.
    with kernel_setting("kernel/printk_ratelimit", 0), journald(kernel="yes") as log:
        agent, _ = here.agent("host", level=5, within=log.within)
        here.reads(agent)

        crashed = [
            subprocess.run([tmp_path / name, "-S", "-c", crash], check=False).returncode
            for name in ("vsftpd", "vsftpd", "vsftpd", "pkexec")
        ]
        with control_group(tmp_path, mib=16) as group, group.running("tail", "/dev/zero") as process:
            crashed.append(process.wait())
        words = "ip link set lo promisc on && ip link set lo promisc off"
        subprocess.run(["unshare", "--net", "sh", "-c", words], check=True)
        here.until(lambda: raised(here, "network_program_crashed", agent), 10, "the crash is told")
        here.until(lambda: raised(here, "privileged_program_crashed", agent), 10, "so is one that may do all")
        here.until(lambda: raised(here, "program_keeps_crashing", agent), 10, "so is that one crashes often")
        here.until(lambda: raised(here, "killed_for_lack_of_memory", agent), 10, "so is the lack of memory")
        here.until(lambda: raised(here, "interface_hears_everything", agent), 10, "the interface is told")

        (alert,) = raised(here, "network_program_crashed", agent)
        told = {(event["process.name"], event["event.reason"]) for event in evidence(here, alert)}
        assert crashed == [*(-signal.SIGSEGV,) * 4, -signal.SIGKILL]
        assert ("vsftpd", "segfault") in told


def test_a_port_that_begins_to_listen_is_told_with_its_program(here):
    agent, _ = here.agent("host", level=5)
    here.reads(agent, "listening_ports")

    # Loopback would not do: what only this host can reach is no news to the rule.
    with socket.create_server(("0.0.0.0", 0)) as listener:
        port = listener.getsockname()[1]

        def told():
            alerts = raised(here, "listening_port_opened", agent)
            return [event for alert in alerts for event in evidence(here, alert) if event["server.port"] == port]

        here.until(told, 10, "the port is told")
        (event,) = told()

    assert event["process.name"].startswith(("pytest", "python"))


def test_hosts_of_a_unit_that_fall_together_are_one_alert_and_one_that_does_not_come_back_its_own(hurried):
    # What else they would tell of this very host, such as its memory, is not of their falling.
    quiet = 'disabled = ["meminfo", "listening_ports", "file_integrity", "system_log", "systemd"]\n'
    agents = [hurried.agent(name, level=5, settings=quiet) for name in ("host", "second")]
    (first, _), (second, _) = agents

    def apart(*names):
        found = [raised(hurried, "agent_silent", name) for name in names]
        return all(one and one[0]["state"] == "new" and one[0]["cause"] for one in found)

    for _, process in agents:
        process.send_signal(signal.SIGKILL)
        process.wait()
    began = time.monotonic()
    hurried.until(lambda: apart(first, second), 30, "both are told as consequences")
    assert time.monotonic() - began > 10, "it is told only when it has lasted"

    (cause,) = hurried.alerts(rule="unit_cut_off", state="new")
    queue = hurried.ask("alerts.list", filters=[["state", "open"], ["unit", cause["unit"]]], limit=100)["alerts"]
    silent = [one["id"] for one in queue if one["rule"] == "unit_cut_off" or one["asset"] in (first, second)]
    assert silent == [cause["id"]]
    # Hosts of other tests, which have ended, are of this unit, too.
    assert hurried.ask("alerts.show", alert=cause["id"])["consequences"] >= 2
    counted = next(line for line in hurried.fetch("/metrics").splitlines() if b'apart{reason="consequence"}' in line)
    assert float(counted.split()[1]) >= 2

    hurried.start_agent("host")
    hurried.until(lambda: not hurried.alerts(id=cause["id"], state="new"), 20, "the line is back")
    hurried.until(lambda: raised(hurried, "agent_silent", first)[0]["state"] == "resolved", 20, "so is its host")
    hurried.until(lambda: not raised(hurried, "agent_silent", second)[0]["cause"], 30, "the other stands for itself")
    hurried.start_agent("second")
    hurried.until(lambda: raised(hurried, "agent_silent", second)[0]["state"] == "resolved", 20, "it is taken back")

    (alert,) = raised(hurried, "agent_silent", second)
    history = hurried.ask("alerts.show", alert=alert["id"])["history"]
    assert [(change["actor"], change["action"]) for change in history[-2:]] == [
        ("system", "release"),
        ("system", "resolve"),
    ]


@pytest.mark.peer("snmpd")
def test_a_host_behind_a_switch_that_falls_is_told_as_a_consequence_of_the_switch(hurried, tmp_path):
    secret, folder = tmp_path / "community", tmp_path / "snmpd"
    secret.write_text(snmp_agent.COMMUNITY)
    folder.mkdir()
    with snmp_agent.running(folder) as port:
        device = (
            f'[[device]]\nname = "sw1"\naddress = "127.0.0.1:{port}"\ncommunity_file = "{secret}"\n'
            f'interval_s = 5\ntimeout_s = 4\nhosts = ["{socket.gethostname()}"]\n'
        )
        teller, _ = hurried.agent("teller", level=5, settings=device)
        behind, process = hurried.agent("behind", level=5)
        hurried.until(lambda: 'snmp_up{device="sw1"} 1' in hurried.page(teller), 30, "the switch is read")
    process.send_signal(signal.SIGKILL)
    process.wait()

    hurried.until(lambda: raised(hurried, "agent_silent", behind), 40, "its silence is told")
    (switch,) = raised(hurried, "device_unreachable", teller)
    hurried.until(lambda: raised(hurried, "agent_silent", behind)[0]["cause"] == switch["id"], 20, "the switch is why")


@pytest.mark.root
def test_a_disk_that_fills_and_memory_that_is_short_are_told(hurried, tmp_path):
    with mounted(tmp_path / "image", tmp_path / "disk", mib=16) as disk:
        agent, _ = hurried.agent("host", level=5)
        hurried.until(lambda: raised(hurried, "memory_pressure", agent), 30, "the memory is told")
        assert raised(hurried, "disk_nearly_full", agent) == []

        with contextlib.suppress(OSError), (disk / "log").open("wb") as file:
            file.write(bytes(32 << 20))
        hurried.until(lambda: raised(hurried, "disk_nearly_full", agent), 30, "the disk is told")
        (alert,) = raised(hurried, "disk_nearly_full", agent)
        groups = hurried.ask("alerts.show", alert=alert["id"])["groups"]
        assert [group["group"]["mountpoint"] for group in groups] == [str(disk)]

        (disk / "log").unlink()
        hurried.until(lambda: raised(hurried, "disk_nearly_full", agent)[0]["state"] == "resolved", 20, "it has room")


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("journalctl")
def test_a_log_that_falls_silent_is_told(hurried):
    with journald() as log:
        agent, _ = hurried.agent("host", level=5, within=log.within)
        hurried.reads(agent)

        log.say("sshd", "Failed password for root from 192.0.2.7 port 9 ssh2")
        began = time.monotonic()
        hurried.until(lambda: raised(hurried, "log_source_silent", agent), 40, "the silence is told")
        assert time.monotonic() - began > 7, "it is told only when it has lasted"
        log.say("sshd", "Failed password for root from 192.0.2.7 port 10 ssh2")
        hurried.until(lambda: raised(hurried, "log_source_silent", agent)[0]["state"] == "resolved", 15, "it speaks")
