# SPDX-License-Identifier: Apache-2.0
import socket

import pytest

from giamsat_agent import readiness
from giamsat_agent.config import Device
from support.checking import settings

NAMELESS = f"{'x' * 64}.example"
"""A name that cannot be, so that nobody is asked for it."""


def problems(**said):
    return list(readiness.problems(settings(**said)))


@pytest.mark.parametrize(
    ("said", "lacking"),
    [
        ({"what": "mysql", "target": "127.0.0.1", "credential_file": "/none/login.toml"}, "cannot be read"),
        ({"what": "http", "target": "https://127.0.0.1/", "ca_file": "/none/ca.pem"}, "/none/ca.pem"),
        ({"what": "tcp", "target": f"{NAMELESS}:22"}, f"{NAMELESS} has no address"),
        ({"what": "http", "target": f"http://{NAMELESS}/"}, f"{NAMELESS} has no address"),
        ({"what": "log", "target": "/none/app.log", "patterns": {"error": "x"}}, "no such file"),
        ({"what": "backup", "target": "/none/*.dump"}, "no file fits"),
    ],
)
def test_what_stands_in_the_way_of_a_check_is_named(said, lacking):
    (found,) = problems(**said)

    vietnamese, english = found.split(" / ", 1)
    assert not vietnamese.isascii()
    assert lacking in english


def test_a_check_that_has_all_it_needs_lacks_nothing(tmp_path):
    secret = tmp_path / "login.toml"
    secret.write_text('user = "a"\npassword = "b"\n')
    secret.chmod(0o600)
    log = tmp_path / "app.log"
    log.write_text("")

    assert problems(what="postgresql", target="[::1]:5432", credential_file=secret) == []
    assert problems(what="log", target=log, patterns={"error": "x"}) == []
    assert problems(what="process", target="nginx") == []
    assert problems(what="dns", target="127.0.0.1", query="a.example") == []


def test_a_credential_that_everybody_can_read_comes_with_the_command_that_closes_it(tmp_path):
    secret = tmp_path / "login.toml"
    secret.write_text('user = "a"\npassword = "b"\n')
    secret.chmod(0o644)

    assert problems(what="ldap", target="127.0.0.1", credential_file=secret)[0].endswith(f"chmod o= {secret}")


def test_a_collector_is_reached_or_it_is_said_why_not():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert list(readiness.collector_problems(address)) == []
    (refused,) = readiness.collector_problems(address)
    (nameless,) = readiness.collector_problems(f"{NAMELESS}:7443")

    assert "no connection: Connection refused" in refused
    assert "has no address" in nameless


def test_a_device_lacks_the_secret_that_cannot_be_read_and_the_name_nobody_knows(tmp_path):
    secret = tmp_path / "community"
    secret.write_text("bimat")
    good = Device(name="sw", address="127.0.0.1", community_file=str(secret))

    assert list(readiness.device_problems(good)) == []
    unreadable, nameless = readiness.device_problems(Device(name="sw", address=NAMELESS, community_file="/none/secret"))
    assert "/none/secret: không đọc được" in unreadable
    assert "cannot be read" in unreadable
    assert "has no address" in nameless
