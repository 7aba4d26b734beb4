# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent import config
from giamsat_agent.errors import ConfigError
from support.checking import settings


def test_each_kind_of_check_takes_its_own_settings_and_no_others():
    its = settings(what="http", target="https://dvc.example.gov.vn/", body_has=["Cổng"], interval_s=30)

    assert (its.what, its.body_has, its.interval_s) == ("http", ("Cổng",), 30)
    with pytest.raises(ConfigError, match=r"unknown field `body_has`.*check\[0\]"):
        settings(what="tcp", target="a:1", body_has=["x"])


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"what": "htttp", "target": "x"}, "Invalid value 'htttp'"),
        ({"what": "http", "target": "dvc.example.gov.vn"}, "is not a URL"),
        ({"what": "http", "target": "ftp://a/"}, "is not a URL"),
        ({"what": "http", "target": "http://user:pass@a/"}, "is not a URL"),
        ({"what": "http", "target": "http://a/\r\nX: y"}, "is not a URL"),
        ({"what": "http", "target": "http://a:99999/"}, "is not a URL"),
        ({"what": "tcp", "target": "a:1", "interval_s": 5, "timeout_s": 6}, "timeout_s is longer than interval_s"),
        ({"what": "tcp", "target": "a:1", "name": "-x"}, "check[0].name"),
    ],
)
def test_what_could_only_fail_later_is_refused(said, reason):
    with pytest.raises(ConfigError) as refused:
        settings(**said)

    assert reason in str(refused.value)


def test_two_checks_of_one_name_are_refused():
    one = '[[check]]\nname = "a"\nwhat = "tcp"\ntarget = "b:1"\n'

    with pytest.raises(ConfigError, match="two checks are called a"):
        config.parse(one * 2, "agent.toml")
