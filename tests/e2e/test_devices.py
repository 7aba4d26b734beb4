# SPDX-License-Identifier: Apache-2.0
"""A device asked by SNMP: a real snmpd, an agent, the page for Prometheus, and an alert as long as it is gone."""

import pytest

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
        here.until(lambda: 'snmp_up{device="sw1"} 1' in here.page(agent), 30, "the device is read")
        page = here.page(agent)

    assert "# TYPE ifHCInOctets counter" in page
    assert 'snmp_device_info{device="sw1"' in page
    here.until(lambda: here.alerts(rule="device_unreachable", asset=agent), 30, "its silence is told")
    (alert,) = here.alerts(rule="device_unreachable", asset=agent)
    here.until(lambda: 'snmp_up{device="sw1"} 0' in here.page(agent), 15, "Prometheus sees it too")
    with snmp_agent.running(folder, port=port):
        here.until(lambda: 'snmp_up{device="sw1"} 1' in here.page(agent), 30, "the device is read again")
        here.until(
            lambda: here.ask("alerts.show", alert=alert["id"])["condition_cleared"], 15, "its alert ends by itself"
        )
