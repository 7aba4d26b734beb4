# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.address import plain, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("2001:0DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::1", "::1"),
    ],
)
def test_one_address_has_one_form(text, expected):
    assert plain(text) == expected


@pytest.mark.parametrize("text", ["", "host.example", "192.0.2.1 ", "192.0.2.1\n", "1" * 10_000, "192.0.2.256"])
def test_what_is_no_address_has_none(text):
    assert plain(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", ("192.0.2.1", 161)),
        ("192.0.2.1:1161", ("192.0.2.1", 1161)),
        ("switch.example", ("switch.example", 161)),
        ("switch.example:1161", ("switch.example", 1161)),
        ("2001:db8::1", ("2001:db8::1", 161)),
        ("[2001:db8::1]:1161", ("2001:db8::1", 1161)),
        ("[2001:db8::1]", ("2001:db8::1", 161)),
        ("192.0.2.1:0", ("192.0.2.1:0", 161)),
        ("192.0.2.1:65536", ("192.0.2.1:65536", 161)),
    ],
)
def test_host_and_port_are_taken_apart(text, expected):
    assert split(text, 161) == expected
