# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.config import Config, Listen
from giamsat_collector.errors import ConfigError


def refused(text):
    with pytest.raises(ConfigError) as caught:
        Config.parse(text, "collector.toml")
    return str(caught.value)


def test_an_empty_file_is_a_whole_configuration():
    config = Config.parse("", "collector.toml")

    assert (config.listen.ingest, config.listen.enrol, config.listen.console) == (7443, 7444, 8443)
    assert config.console.zone.key == "Asia/Ho_Chi_Minh"


def test_every_problem_is_named_at_once_each_by_its_key():
    said = refused('dta = "x"\n[listen]\ningest = 70000\nport = 1\n[retention]\nframe_hours = 1\n').splitlines()

    assert [line.split(": ")[:2] for line in said] == [
        ["collector.toml", "listen.ingest"],
        ["collector.toml", "listen.port"],
        ["collector.toml", "retention.frame_hours"],
        ["collector.toml", "dta"],
    ]
    assert "no such key" in said[1]
    assert "config show" in said[3]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("data = ", "not TOML"),
        ("[console]\ntime_zone = 'Mars/Olympus'\n", "IANA"),
        ("[console]\ntime_zone = '../etc/passwd'\n", "IANA"),
        ("[console]\nidle_minutes = 0\n", "console.idle_minutes"),
        ("[listen]\nnames = []\n", "listen.names"),
        ("[authority]\nemergency_keys = ['a', 'b']\n", "3 different keys"),
        ("[authority]\nemergency_keys = ['a', 'b', 'b']\n", "3 different keys"),
        ("[listen]\nnames = ['máy.vn']\n", "xn--"),
        ("[listen]\nnames = ['localhost', '']\n", "listen.names"),
        ("[listen]\nnames = ['a b']\n", "listen.names"),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(text, word):
    assert word in refused(text)


def test_a_file_that_cannot_be_read_is_named_with_the_option_to_change(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b"data = '\xe1'")

    with pytest.raises(ConfigError, match=r"nowhere.toml: cannot be read: No such file or directory; .*--config"):
        Config.load(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match=r"latin.toml: not UTF-8, at byte 8; save it as UTF-8"):
        Config.load(tmp_path / "latin.toml")


def test_a_file_is_read_whole(tmp_path):
    text = '[listen]\r\nnames = ["soc.nghean.example", "192.0.2.1", "2001:db8::1"]\r\n'
    (tmp_path / "collector.toml").write_bytes(f"\ufeff{text}".encode())  # as some editors write it

    assert Config.load(tmp_path / "collector.toml").listen.names[2] == "2001:db8::1"


@pytest.mark.parametrize(
    ("host", "address"), [("0.0.0.0", "0.0.0.0:1"), ("soc.example", "soc.example:1"), ("::", "[::]:1")]
)
def test_an_address_to_listen_on_is_written_as_grpc_takes_it(host, address):
    assert Listen(host=host).at(1) == address


@pytest.mark.parametrize("said", ["", 'audience = "x"\nthreshold = 2\n'])
def test_keys_want_an_audience_and_no_more_signatures_than_there_are_keys(said):
    with pytest.raises(ConfigError, match="audience"):
        Config.parse(f'[rules]\nkeys = ["a.pub"]\n{said}', "c.toml")
