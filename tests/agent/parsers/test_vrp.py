# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.vrp import values


def test_the_head_and_the_pairs_are_read():
    found = values("%%01SSH/4/SSH_FAIL(s)[12]:Failed. (IP=192.0.2.1, UserName=bob)")

    assert (found["vrp.module"], found["vrp.brief"]) == ("SSH", "SSH_FAIL")
    assert (found["IP"], found["UserName"]) == ("192.0.2.1", "bob")


@pytest.mark.parametrize(
    ("text", "vendor", "named"),
    [
        (
            '%%01URL/4/FILTER(l): Matched. (Policy="Web, Out", SrcIp=192.0.2.1, Page=two words, SrcIp=192.0.2.66)',
            "Huawei",
            {"Policy": "Web, Out", "SrcIp": "192.0.2.1", "Page": "two words"},
        ),
        ("%%01POLICY/6/POLICYDENY(l):rule-name=deny-all.", "Huawei", {"rule-name": "deny-all"}),
        (
            "%%10FILTER/6/EXECUTION: SrcIPAddr(1003)=192.0.2.1;Name(9)=two words;Event(1048)=Deny;",
            "H3C",
            {"SrcIPAddr": "192.0.2.1", "Name": "two words", "Event": "Deny"},
        ),
        (
            "SHELL/6/SHELL_CMD: -DevIP=192.0.2.9; -Line=vty0-IPAddr=192.0.2.1-User=bob; Command is undo acl -a=1",
            "H3C",
            {"DevIP": "192.0.2.9", "IPAddr": "192.0.2.1", "User": "bob", "Command": "undo acl -a=1"},
        ),
    ],
)
def test_each_way_of_naming_values_is_read(text, vendor, named):
    found = values(text)

    assert found["vrp.vendor"] == vendor
    assert {name: found[name] for name in named} == named


def test_another_head_is_none():
    assert values("%%x") is None
