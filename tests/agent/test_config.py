# SPDX-License-Identifier: Apache-2.0
import re
from pathlib import Path

import msgspec
import pytest

from giamsat_agent import config
from giamsat_agent.config import Config
from giamsat_agent.errors import ConfigError


def refused(text):
    with pytest.raises(ConfigError) as error:
        config.parse(text, "agent.toml")
    return str(error.value)


def test_an_empty_file_means_the_defaults():
    assert config.parse("", "agent.toml") == Config()


def test_what_is_written_is_what_holds():
    found = config.parse(
        'state = "/srv/agent"\n[collector]\naddresses = ["a:1", "[::1]:2"]\n[sensors]\nperiod_s = 30\n', "agent.toml"
    )

    assert (found.state, found.collector.addresses, found.sensors.period_s) == ("/srv/agent", ("a:1", "[::1]:2"), 30.0)


def test_an_unknown_key_is_named_with_its_place_and_the_one_that_was_meant_or_those_there_are():
    mistyped = refused('[collector]\nadresses = ["a:1"]\n')
    unlike = refused("[sensors]\nzz = 1\n")

    assert mistyped.startswith("agent.toml: ")
    assert mistyped.endswith("did you mean collector.addresses?")
    assert "adresses" in mistyped
    assert "the keys are: " in unlike
    assert "sensors.period_s" in unlike
    assert "the keys are" not in refused('[sensors]\nperiod_s = "x"\n')
    assert refused("stat = 1\n").endswith("did you mean state?")
    assert refused("[sensors]\ninterface = 1\n").endswith("did you mean packets.interfaces?")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[sensors]\nperiod_s = 1\n", "sensors.period_s"),
        ("[collector]\naddresses = []\n", "collector.addresses"),
        ("[spool]\nmetric_bytes = 5\n", "spool.metric_bytes"),
        ("state = 5\n", "state"),
        ('[collector]\nemergency_keys = ["/a", "/b"]\n', "collector"),
        ('[collector]\nemergency_keys = ["/a", "/b", "/b"]\n', "collector"),
        ('[collector]\nemergency_keys = ["a", "/b", "/c"]\n', "collector.emergency_keys"),
    ],
)
def test_a_value_out_of_bounds_is_refused_where_it_stands(text, place):
    assert f"$.{place}" in refused(text)


def test_what_is_not_toml_is_refused_with_its_line():
    assert "line 2" in refused("state = 'x'\n[collector\n")


def test_the_mark_that_some_editors_put_before_the_text_is_no_error(tmp_path):
    (tmp_path / "agent.toml").write_bytes("\ufeffstate = '/srv'\r\n".encode())

    assert config.load(tmp_path / "agent.toml").state == "/srv"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "agent.toml").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "missing.toml", tmp_path / "agent.toml"):
        with pytest.raises(ConfigError, match=str(path)):
            config.load(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[device]]\nname = "sw1"\naddress = "192.0.2.1"', "needs community_file"),
        ('[[device]]\nname = "sw1"\naddress = "192.0.2.1"\nversion = 3\ncommunity_file = "c"', "needs user_file"),
        ('[[device]]\nname = "sw 1"\naddress = "192.0.2.1"\ncommunity_file = "c"', "name"),
        (2 * '[[device]]\nname = "sw1"\naddress = "192.0.2.1"\ncommunity_file = "c"\n', "two devices are called sw1"),
        ('[[device]]\nname = "sw1"\naddress = "192.0.2.1"\ncommunity_file = "c"\nversion = 4', "version"),
        (
            '[[device]]\nname = "sw1"\naddress = "192.0.2.1"\ncommunity_file = "c"\nbehind = "gw"',
            "must stand before it",
        ),
        (
            '[[device]]\nname = "sw1"\naddress = "192.0.2.1"\ncommunity_file = "c"\nbehind = "sw1"',
            "must stand before it",
        ),
    ],
)
def test_a_device_that_could_not_be_asked_is_refused(text, said):
    with pytest.raises(ConfigError, match=said):
        config.parse(text, "agent.toml")


def test_the_example_names_every_setting():
    text = (Path(__file__).parents[2] / "packaging/config/agent.toml").read_text()
    _, parts = msgspec.json.schema_components([config.Config])
    settings = {name for part in parts.values() for name in part.get("properties", ())}

    assert {name for name in settings if not re.search(rf"\b{name}\b", text)} == set()


def test_devices_are_read_with_what_is_usual():
    (device,) = config.parse(
        '[[device]]\nname = "sw1"\naddress = "192.0.2.1"\ncommunity_file = "c"', "agent.toml"
    ).device

    assert (device.version, device.interval_s, device.timeout_s) == (2, 60.0, 3.0)
