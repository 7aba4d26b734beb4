# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from giamsat_agent.cli import app
from giamsat_agent.devices.errors import CredentialError
from giamsat_agent.devices.reading import SYSTEM
from support import snmp_agent

SYS_NAME = SYSTEM["sysName"]


def run(*words):
    return CliRunner().invoke(app, ["devices", *map(str, words)])


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with snmp_agent.running(tmp_path_factory.mktemp("snmpd")) as port:
        yield f"127.0.0.1:{port}"


@pytest.fixture
def community(tmp_path):
    path = tmp_path / "community"
    path.write_text(snmp_agent.COMMUNITY)
    return path


@pytest.mark.peer("snmpd")
def test_a_device_is_one_object(address, community):
    result = run("poll", address, "--community-file", community, "--json")
    found = json.loads(result.stdout)

    assert (found["address"], found["os"], found["reachable"], found["errors"]) == (address, "linux", True, [])
    assert {"name", "labels", "value", "type"} == found["metrics"][0].keys()
    assert result.exit_code == 0


@pytest.mark.peer("snmpd")
def test_its_figures_are_what_prometheus_reads(address, community):
    result = run("poll", address, "--community-file", community, "--prometheus")
    families = {family.name: family.type for family in text_string_to_metric_families(result.stdout)}

    assert families["ifHCInOctets"] == "counter"
    assert families["ifOperStatus"] == "gauge"


@pytest.mark.peer("snmpd")
def test_a_person_sees_what_it_is(address, community):
    result = run("poll", address, "--community-file", community)

    assert "net-snmp" in result.stdout
    assert "6.1.0" in result.stdout


@pytest.mark.peer("snmpd")
def test_a_device_that_is_silent_is_exit_code_4(address):
    result = run("poll", address, "--timeout", "0.2", "--json")

    assert result.exit_code == 4
    assert json.loads(result.stdout)["reachable"] is False
    assert "wrong community" in result.stderr


def test_a_file_that_is_no_user_is_said_before_anything_is_asked(tmp_path):
    result = run("poll", "192.0.2.1", "--v3", tmp_path / "none.toml")

    assert isinstance(result.exception, CredentialError)


def test_every_known_kind_is_listed():
    result = run("profiles")

    told = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert {"fortigate", "routeros", "panos"} <= told.keys()
    assert "device_processor_percent, device_temperature_celsius, licence_left, signature_age]" in told["fortigate"]
    assert "device_processor_percent" in told["ios"], "what it shares with its maker's others is its own"


@pytest.mark.peer("snmpd")
def test_devices_of_a_range_are_proposed_as_configuration(address, community):
    port = address.rpartition(":")[2]
    words = ("discover", "127.0.0.1", "--community-file", community, "--port", port)
    person, tool = run(*words), json.loads(run(*words, "--json").stdout)

    assert f'address = "{address}"' in person.stdout
    assert "Nothing was adopted" in person.stderr
    assert run(*words, "--assets", "40.1").stdout.splitlines()[1:] == ["40.1-thu-nghiem,thu-nghiem,device,40.1,"]
    assert (tool["address"], tool["snmp"], tool["sysName"]) == ("127.0.0.1", True, "thu-nghiem")


def test_a_range_that_is_too_large_is_refused():
    result = run("discover", "10.0.0.0/8")

    assert "split it" in str(result.exception)
