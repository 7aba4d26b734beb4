# SPDX-License-Identifier: Apache-2.0
import contextlib
import json

import pytest
from typer.testing import CliRunner

from giamsat_agent.cli import app
from giamsat_agent.devices.neighbours import IF_NAME, LLDP
from giamsat_agent.devices.reading import SYSTEM
from support import snmp_agent

SYS_NAME = SYSTEM["sysName"]


def run(*words):
    return CliRunner().invoke(app, ["devices", *map(str, words)])


@pytest.mark.peer("snmpd")
def test_the_tree_of_real_agents_is_proposed_as_the_configuration_takes_it(tmp_path):
    secret = tmp_path / "community"
    secret.write_text(snmp_agent.COMMUNITY)
    heard = {f"{LLDP}.9.0.7.1": "sw-core", f"{LLDP}.7.0.7.1": "Gi0/1", f"{IF_NAME}.7": "lan1"}
    heard |= {f"{LLDP}.9.0.7.2": "mot-cua-1", f"{LLDP}.7.0.7.2": "eth0"}
    devices = [("sw", {SYS_NAME: "sw-core"}), ("gw", {SYS_NAME: "gw", **heard})]
    with contextlib.ExitStack() as stack:
        text = ""
        for name, objects in devices:
            (tmp_path / name).mkdir()
            port = stack.enter_context(snmp_agent.running(tmp_path / name, objects=objects))
            text += f'[[device]]\nname = "{name}"\naddress = "127.0.0.1:{port}"\ncommunity_file = "{secret}"\n'
        text += 'hosts = ["van-thu"]\n'
        text += f'[[device]]\nname = "off"\naddress = "127.0.0.1:1"\ncommunity_file = "{secret}"\ntimeout_s = 0.3\n'
        (tmp_path / "agent.toml").write_text(text)
        told = run("topology", "-c", tmp_path / "agent.toml", "--from", "gw")
        as_json = run("topology", "-c", tmp_path / "agent.toml", "--json")
        nobody = run("topology", "-c", tmp_path / "agent.toml", "--from", "gww")

    assert told.exit_code == 2, "one of them does not answer"
    assert told.stdout == 'gw: hosts = ["van-thu", "mot-cua-1"]\nsw: behind = "gw"\n'
    assert "  sw  127.0.0.1:" in told.stderr
    assert "(lldp, lan1)" in told.stderr
    assert "✗ off: " in told.stderr
    first, second = map(json.loads, as_json.stdout.splitlines())
    assert (first["name"], first["behind"], second["name"], second["behind"]) == ("gw", None, "sw", "gw")
    assert (first["configured_hosts"], first["proposed_hosts"]) == (["van-thu"], ["van-thu", "mot-cua-1"])
    assert second["proposed_hosts"] is None
    assert "--from takes one of: sw, gw" in str(nobody.exception)
