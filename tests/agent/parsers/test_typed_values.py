# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.parsers.typed_values import VALUE_CHARACTERS, Reader, endpoint, fields, integer, url, user


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("192.0.2.1", ("192.0.2.1", None)),
        ("192.0.2.1:80", ("192.0.2.1", 80)),
        ("192.0.2.1:80:X1", ("192.0.2.1", 80)),
        ("192.0.2.1#53", ("192.0.2.1", 53)),
        ("[2001:db8::1]:80", ("2001:db8::1", 80)),
        ("2001:db8::1", ("2001:db8::1", None)),
        ("IPV4/UDP/192.0.2.1/5060", ("192.0.2.1", 5060)),
        ("192.0.2.1.", ("192.0.2.1", None)),
        ("TCP:[192.0.2.1]:5060", ("192.0.2.1", 5060)),
        ("IPv6:2001:db8::1", ("2001:db8::1", None)),
    ],
)
def test_an_endpoint_is_read_as_programs_write_it(text, parts):
    assert endpoint(text) == parts


def test_an_address_takes_its_port_along_unless_one_was_named():
    assert fields([("source.ip", "192.0.2.1:80")]) == {"source.ip": "192.0.2.1", "source.port": 80}
    assert fields([("source.port", "1"), ("source.ip", "192.0.2.1:80")])["source.port"] == 1


def test_a_mapped_address_is_the_one_it_stands_for():
    assert fields([("source.ip", "::ffff:192.0.2.1")]) == {"source.ip": "192.0.2.1"}


def test_a_name_in_the_place_of_an_address_is_a_domain():
    assert fields([("source.ip", "host.example")]) == {"source.domain": "host.example"}


@pytest.mark.parametrize("text", ["", "-", "N/A", "(null)"])
def test_what_says_nothing_is_left_out(text):
    assert fields([("user.name", text), ("rule.name", text)]) == {}


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "99999999999999999999", "70000"])
def test_a_port_that_is_none_is_left_out(text):
    assert fields([("source.port", text)]) == {}


@pytest.mark.parametrize(("text", "name"), [("6", "tcp"), ("17", "udp"), ("TCP", "tcp"), ("tcp/http", "tcp")])
def test_protocols_have_one_name(text, name):
    assert fields([("network.transport", text)]) == {"network.transport": name}


def test_of_a_field_that_comes_twice_the_first_counts():
    assert fields([("rule.name", "a"), ("rule.name", "b")]) == {"rule.name": "a"}


def test_an_address_of_the_web_is_taken_apart_and_not_decoded():
    assert url("https://u@x.vn/a%2Fb.php?c=%27") == {
        "url.original": "https://u@x.vn/a%2Fb.php?c=%27", "url.scheme": "https", "url.domain": "x.vn",
        "url.path": "/a%2Fb.php", "url.query": "c=%27", "url.extension": "php",
    }  # fmt: skip


def test_a_user_has_a_domain_before_the_backslash():
    assert user(r"CORP\bob") == {"user.name": "bob", "user.domain": "CORP"}
    assert user(r"CORP\\bob") == {"user.name": "bob", "user.domain": "CORP"}
    assert user("bob\\") == {"user.name": "bob\\"}
    assert user("'bob'") == {"user.name": "bob"}


def test_long_values_are_cut():
    assert len(fields([("rule.name", "x" * 9_000)])["rule.name"]) == VALUE_CHARACTERS


def test_a_number_has_only_digits():
    assert integer(" 12 ") == 12
    assert integer("١٢") is None
    assert integer("0x1F4") == 500
    assert [integer(text) for text in ("0x", "0x1_0", "-0x1", "0x" + "f" * 16)] == [None] * 4


def test_a_port_without_an_address_before_an_interface_is_a_port_alone():
    assert fields([("source.ip", ":546:X1"), ("source.ip", "2001:db8::9")]) == {
        "source.ip": "2001:db8::9", "source.port": 546,
    }  # fmt: skip
    assert fields([("destination.ip", ":547")]) == {"destination.port": 547}


def test_an_end_that_was_not_translated_has_no_translation():
    said = [("source.nat.ip", "0.0.0.0"), ("source.nat.port", "0"), ("destination.nat.ip", "::")]

    assert fields(said) == {}
    assert fields([("source.nat.ip", "192.0.2.1"), ("source.port", "0")]) == {
        "source.nat.ip": "192.0.2.1",
        "source.port": 0,
    }


NAMES = (
    "source.ip", "source.port", "source.domain", "source.nat.ip", "source.nat.port", "source.bytes", "user.name",
    "user.domain", "url.original", "url.domain", "url.query", "network.transport", "event.outcome", "rule.name",
)  # fmt: skip
TEXTS = (
    "", "-", "0", " 7", "66000", "192.0.2.1", "192.0.2.1:80:X1", "0.0.0.0:0", "host.example", "h:9", "D\\an", "/a",
    "https://x.example/a?b=1", "6", "ok", "x" * (VALUE_CHARACTERS + 1),
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(TEXTS)), max_size=9))
def test_what_is_worked_out_once_for_all_lines_reads_as_each_line_alone_is_read(said):
    reader = Reader([(f"{place}", field) for place, (field, _) in enumerate(said)])

    assert reader.read({f"{place}": text for place, (_, text) in enumerate(said)}) == fields(said)


@pytest.mark.parametrize("text", ["203.0.113.9", "http://203.0.113.9", "/a.b/c", "/v1.2"])
def test_the_last_number_of_an_address_is_no_extension(text):
    assert "url.extension" not in url(text)
