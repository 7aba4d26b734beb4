# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from typer.testing import CliRunner

from giamsat_agent.cli import app
from giamsat_agent.devices.stations import ALL
from support import snmp_agent


@pytest.mark.peer("snmpd")
def test_a_host_is_found_at_its_port_and_what_did_not_answer_is_said(tmp_path):
    (tmp_path / "community").write_text(snmp_agent.COMMUNITY)
    with snmp_agent.running(tmp_path, objects={f"{ALL}.0.27.23.0.11.12": 5}) as port:
        file = tmp_path / "agent.toml"
        file.write_text(
            "".join(
                f'[[device]]\nname = "{name}"\naddress = "127.0.0.1:{at}"\n'
                f'community_file = "{tmp_path}/community"\ntimeout_s = 0.2\n'
                for name, at in (("sw", port), ("off", 1))
            )
        )

        def run(*words):
            return CliRunner().invoke(app, ["devices", "stations", "-c", str(file), *words])

        told, as_json, nobody = run(), run("001b.1700.0b0c", "--json"), run("192.0.2.99")

    assert told.exit_code == 2, "one of them does not answer"
    assert "00:1B:17:00:0B:0C" in told.stdout
    assert "✗ off: " in told.stderr
    assert json.loads(as_json.stdout) == {
        "mac": "00:1B:17:00:0B:0C",
        "address": None,
        "device": "sw",
        "port": "5",
        "beside": 1,
    }
    assert nobody.exit_code == 1
    assert "192.0.2.99: không thiết bị nào thấy / no switch that answers sees it" in nobody.stderr


def test_without_a_device_the_next_step_is_named(tmp_path):
    (tmp_path / "agent.toml").write_text("")
    result = CliRunner().invoke(app, ["devices", "stations", "-c", str(tmp_path / "agent.toml")])

    assert "run devices discover" in str(result.exception)
