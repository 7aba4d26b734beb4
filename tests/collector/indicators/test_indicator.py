# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators.indicator import Kind, own, understood

JA4 = "t13d1516h2_8daaf6152771_b186095e22b6"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("203.0.113.9", Kind.ADDRESS, "203.0.113.9"),
        ("203[.]0[.]113[.]9", Kind.ADDRESS, "203.0.113.9"),
        ("203.0.113.9:4444", Kind.ADDRESS, "203.0.113.9"),
        ("203.0.113.77/24", Kind.ADDRESS, "203.0.113.0/24"),
        ("203.0.113.9/32", Kind.ADDRESS, "203.0.113.9"),
        ("::ffff:203.0.113.9", Kind.ADDRESS, "203.0.113.9"),
        ("::ffff:203.0.113.0/120", Kind.ADDRESS, "203.0.113.0/24"),
        ("2001:DB8:0::7", Kind.ADDRESS, "2001:db8::7"),
        ("*.Evil.Example.", Kind.DOMAIN, "evil.example"),
        ("evil(dot)example", Kind.DOMAIN, "evil.example"),
        ("độc.example", Kind.DOMAIN, "xn--c-kia689t.example"),
        ("hxxps://Evil[.]example:443/a/B?c=1#d", Kind.URL, "evil.example/a/B?c=1"),
        ("http://evil.example:8080", Kind.URL, "evil.example:8080/"),
        ("Kẻ.Xấu[@]Evil.example", Kind.MAIL, "kẻ.xấu@evil.example"),
        ("D41D8CD98F00B204E9800998ECF8427E", Kind.FILE, "d41d8cd98f00b204e9800998ecf8427e"),
        (JA4, Kind.JA4, JA4),
    ],
)
def test_a_value_has_one_form_whoever_wrote_it(text, kind, value):
    assert understood(text) == (kind, value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10.1.2.3", "hosts of your own"),
        ("192.168.0.0/24", "hosts of your own"),
        ("127.0.0.1", "hosts of your own"),
        ("::ffff:10.0.0.7", "hosts of your own"),
        ("http://192.168.1.1/", "hosts of your own"),
        ("http://[::ffff:10.0.0.7]/", "hosts of your own"),
        ("f" * 128, "SHA-512"),
        ("fe80::1", "hosts of your own"),
        ("8.0.0.0/7", "too wide"),
        ("2001:db8::/15", "too wide"),
        ("203.0.113.999", "no address"),
        ("com.vn", "everybody there"),
        ("gov.vn", "everybody there"),
        ("example", "no domain"),
        ("a b.example", "no domain"),
        ("@evil.example", "no e-mail"),
        ("http://", "no URL"),
        ("http://[::1", "no URL"),
        ("", "1 to 2000"),
        ("a\u2028b.example", "printed"),
        ("x" * 2_001, "1 to 2000"),
    ],
)
def test_what_would_match_ones_own_or_is_no_value_is_refused_with_a_reason(text, why):
    with pytest.raises(RefusedError, match=why):
        understood(text)


def test_a_kind_that_was_said_counts_more_than_how_it_looks():
    assert understood("203.0.113.99", Kind.DOMAIN) == (Kind.ADDRESS, "203.0.113.99")
    with pytest.raises(RefusedError, match="hosts of your own"):
        understood("10.0.0.7", Kind.DOMAIN)
    assert understood("evil.example/a", Kind.URL) == (Kind.URL, "evil.example/a")
    with pytest.raises(RefusedError, match="no MD5"):
        understood("evil.example", Kind.FILE)
    with pytest.raises(RefusedError, match="no JA4"):
        understood("evil.example", Kind.JA4)


def test_addresses_that_one_gives_out_oneself_are_known():
    assert [own(text) for text in ("10.0.0.5", "::ffff:10.0.0.5", "fd00::1", "203.0.113.9", "x", "fe80::1%eth0")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
