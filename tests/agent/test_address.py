# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.address import plain


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
