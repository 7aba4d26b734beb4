# SPDX-License-Identifier: Apache-2.0
"""A device asked by SNMP: a real snmpd, an agent, the page for Prometheus, and an alert as long as it is gone."""

import sys

import pytest

from giamsat_agent import status
from support import snmp_agent

pytestmark = pytest.mark.peer("snmpd")


def test_a_devices_figures_reach_prometheus_and_its_silence_an_analyst(here, tmp_path):
    secret = tmp_path / "community"
    secret.write_text(snmp_agent.COMMUNITY)
    folder = tmp_path / "snmpd"
    folder.mkdir()
    with snmp_agent.running(folder) as port:
        device = (
            f'[[device]]\nname = "sw1"\naddress = "127.0.0.1:{port}"\ncommunity_file = "{secret}"\n'
            "interval_s = 5\ntimeout_s = 0.5\n"
        )
        agent, _ = here.agent("host", level=3, settings=device)
        # A busy machine may keep one of its answers back for half a second: what lacks then is there the next time.
        wanted = ('snmp_up{device="sw1"} 1', "# TYPE ifHCInOctets counter", 'snmp_device_info{device="sw1"')
        here.until(lambda: all(each in here.page(agent) for each in wanted), 30, "the device's figures are there")
    here.until(lambda: here.alerts(rule="device_unreachable", asset=agent), 30, "its silence is told")
    (alert,) = here.alerts(rule="device_unreachable", asset=agent)
    here.until(lambda: 'snmp_up{device="sw1"} 0' in here.page(agent), 15, "Prometheus sees it too")
    with snmp_agent.running(folder, port=port):
        here.until(lambda: 'snmp_up{device="sw1"} 1' in here.page(agent), 30, "the device is read again")
        here.until(
            lambda: here.ask("alerts.show", alert=alert["id"])["condition_cleared"], 15, "its alert ends by itself"
        )


def test_a_process_of_its_own_asks_devices_and_may_come_and_go(here, tmp_path):
    secret, folder = tmp_path / "community", tmp_path / "snmpd"
    secret.write_text(snmp_agent.COMMUNITY)
    folder.mkdir()
    asks = f'[polling]\nsocket = "{tmp_path}/devices.sock"\nstate = "{tmp_path}"\n'
    words = [sys.executable, "-m", "giamsat_agent.polling", here.hosts / "apart.toml"]

    def problems():
        found = status.read(here.hosts / "apart")
        return found.failing if found else {}

    with snmp_agent.running(folder) as port:
        device = (
            f'[[device]]\nname = "sw1"\naddress = "127.0.0.1:{port}"\ncommunity_file = "{secret}"\n'
            "interval_s = 5\ntimeout_s = 0.5\n"
        )
        agent, _ = here.agent("apart", level=3, settings=asks + device)
        here.until(lambda: "has not connected" in problems().get("devices", ""), 15, "that nobody asks is said")
        for _ in range(2):
            process = here.process(words, "devices.log")
            here.until(lambda: 'snmp_up{device="sw1"} 1' in here.page(agent), 30, "the device is read")
            here.until(lambda: "devices" not in problems(), 15, "nothing lacks")
            process.kill()
            process.wait()
            here.until(lambda: "went away" in problems().get("devices", ""), 15, "that it is gone is said")
        here.until(lambda: "snmp_up" not in here.page(agent), 30, "what is not measured any more is not shown")
        process = here.process(words, "devices.log")
        here.until(lambda: 'snmp_up{device="sw1"} 1' in here.page(agent), 30, "the device is read again")
    here.until(lambda: here.alerts(rule="device_unreachable", asset=agent), 30, "its silence is told")
    process.terminate()
    assert process.wait(60) == 0
