# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.parsers.vrp import values


def test_the_head_and_the_pairs_are_read():
    found = values("%%01SSH/4/SSH_FAIL(s)[12]:Failed. (IP=192.0.2.1, UserName=bob)")

    assert (found["vrp.module"], found["vrp.brief"]) == ("SSH", "SSH_FAIL")
    assert (found["IP"], found["UserName"]) == ("192.0.2.1", "bob")


def test_another_head_is_none():
    assert values("%%x") is None
