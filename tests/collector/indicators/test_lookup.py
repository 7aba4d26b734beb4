# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.indicators import lookup as module
from giamsat_collector.indicators.indicator import Kind
from giamsat_collector.indicators.lookup import About, Lookup, Reading
from support.listing import DAY, LONG, NOW, entry, lookup

NOW_NS = NOW * 10**9
JA4 = "t13d1516h2_8daaf6152771_b186095e22b6"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
LISTED = ("203.0.113.9", "198.51.100.0/24", "2001:db8:bad::/48", "evil.example", "evil.example.org/pay", JA4, SHA)
ALL = lookup(*LISTED[:4], "http://evil.example.org/pay", "a@evil.example.net", "a@độc.example.net", JA4, SHA)


@pytest.mark.parametrize(
    ("reading", "text", "met"),
    [
        (Reading.ADDRESS, "203.0.113.9", "203.0.113.9"),
        (Reading.ADDRESS, "::ffff:203.0.113.9", "203.0.113.9"),
        (Reading.ADDRESS, "198.51.100.255", "198.51.100.0/24"),
        (Reading.ADDRESS, "2001:DB8:BAD:1::7", "2001:db8:bad::/48"),
        (Reading.NAME, "evil.example", "evil.example"),
        (Reading.NAME, "A.b.Evil.example.", "evil.example"),
        (Reading.NAME, "203.0.113.9", "203.0.113.9"),
        (Reading.URL, "https://evil.example.org/pay", "evil.example.org/pay"),
        (Reading.URL, "https://x.evil.example/anything", "evil.example"),
        (Reading.URL, "http://203.0.113.9:8080/x", "203.0.113.9"),
        (Reading.SENDER, "<A@evil.example.net>", "a@evil.example.net"),
        (Reading.SENDER, "a@ĐỘC.example.net", "a@xn--c-kia689t.example.net"),
        (Reading.SENDER, "a@xn--c-kia689t.example.net", "a@xn--c-kia689t.example.net"),
        (Reading.SENDER, "who@mail.evil.example", "evil.example"),
        (Reading.JA4, JA4, JA4),
        (Reading.FILE, SHA.upper(), SHA),
    ],
)
def test_what_stands_in_a_list_or_in_what_is_listed_is_found(reading, text, met):
    match = ALL.find(reading, text, NOW_NS)

    assert (match.indicator.value, match.about.name, match.indicator.source) == (met, "ncsc", "Trung tâm")


@pytest.mark.parametrize(
    ("reading", "text"),
    [
        (Reading.ADDRESS, "203.0.113.8"),
        (Reading.ADDRESS, "198.51.101.0"),
        (Reading.ADDRESS, "2001:db8:bae::1"),
        (Reading.ADDRESS, "not one"),
        (Reading.ADDRESS, "203.0.113.9%eth0"),
        (Reading.NAME, "notevil.example"),
        (Reading.NAME, "evil.example.com"),
        (Reading.NAME, "example"),
        (Reading.NAME, ""),
        (Reading.URL, "https://evil.example.org/pay2"),
        (Reading.URL, "/pay"),
        (Reading.URL, "http://[::1"),
        (Reading.SENDER, "b@evil.example.net"),
        (Reading.SENDER, "evil"),
        (Reading.JA4, SHA),
        (Reading.FILE, JA4),
    ],
)
def test_what_only_looks_like_it_is_not(reading, text):
    assert ALL.find(reading, text, NOW_NS) is None


def test_an_entry_counts_until_its_time_is_over():
    once = lookup(entry("evil.example", until=NOW))

    assert once.find(Reading.NAME, "evil.example", NOW_NS - 1) is not None
    assert once.find(Reading.NAME, "evil.example", NOW_NS) is None


def test_of_several_the_one_trusted_most_counts_and_of_equals_the_most_exact_and_others_are_named():
    several = Lookup(
        [
            (About("a", "", NOW), [entry("evil.example", confidence=60)]),
            (About("b", "", NOW), [entry("x.evil.example", confidence=60)]),
            (About("c", "", NOW), [entry("evil.example", confidence=90, comment="mã độc")]),
        ]
    )

    best = several.find(Reading.NAME, "x.evil.example", NOW_NS)
    assert (best.about.name, best.indicator.comment, set(best.others)) == ("c", "mã độc", {"a", "b"})
    assert lookup(entry("evil.example"), entry("x.evil.example")).find(
        Reading.NAME, "y.x.evil.example", NOW_NS
    ).indicator.value == ("x.evil.example")


def test_how_many_count_is_told_by_list():
    several = Lookup(
        [(About("a", "", NOW), [entry("evil.example"), entry("203.0.113.9", until=NOW)]), (About("b", "", NOW), [])]
    )

    assert (len(several), several.standing(NOW), several.standing(NOW - 1)) == (2, {"a": 1, "b": 0}, {"a": 2, "b": 0})
    assert len(Lookup()) == 0


def test_what_was_asked_is_remembered_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 3_600)
    held = lookup("evil.example")
    for number in range(10):
        held.find(Reading.NAME, f"{number}{'𝟙' * 240}", NOW_NS)  # four bytes each

    assert held.find(Reading.NAME, "evil.example", NOW_NS) is not None
    assert all(len(memory) <= 3 for memory in held._memories)


@given(st.sets(st.ip_addresses(v=4), min_size=1, max_size=40), st.ip_addresses(v=4))
def test_as_many_as_there_are_each_is_found_and_no_other(listed, other):
    held = lookup(*(entry_of(address) for address in listed))

    for address in listed:
        assert held.find(Reading.ADDRESS, str(address), NOW_NS).indicator.value == str(address)
    assert (held.find(Reading.ADDRESS, str(other), NOW_NS) is not None) == (other in listed)


def entry_of(address):
    return module.Indicator(Kind.ADDRESS, str(address), NOW - DAY, LONG, 75)
