# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.alerts.grouping import opened
from giamsat_collector.incidents.observables import observed
from support.verdicts import PLACEMENT, verdict


def alert(group=None, *evidence):
    return opened(verdict(group=group or {}, evidence=evidence), PLACEMENT, 1)


@pytest.mark.parametrize(
    ("field", "text", "kind", "said"),
    [
        ("source.ip", "198.51.100.3", "ipv4-addr", {"value": "198.51.100.3"}),
        ("destination.ip", "2001:DB8:0::1", "ipv6-addr", {"value": "2001:db8::1"}),
        ("dns.question.name", "C2.Example.NET.", "domain-name", {"value": "c2.example.net"}),
        ("url.original", "http://example.net/a?b", "url", {"value": "http://example.net/a?b"}),
        ("url.full", "https://an:secret@example.net/a@b", "url", {"value": "https://example.net/a@b"}),
        ("url.full", "http://an@example.net", "url", {"value": "http://example.net"}),
        ("file.hash.sha256", "A" * 64, "file", {"hashes": {"SHA-256": "a" * 64}}),
        ("process.hash.md5", "0" * 32, "file", {"hashes": {"MD5": "0" * 32}}),
        ("email.from.address", "a@example.net", "email-addr", {"value": "a@example.net"}),
    ],
)
def test_each_thing_is_an_object_of_its_type(field, text, kind, said):
    (one,) = observed(alert(None, {field: text}))

    assert {name: value for name, value in one.items() if name != "id"} == {
        "type": kind,
        "spec_version": "2.1",
        **said,
    }
    assert one["id"].startswith(f"{kind}--")


def test_an_address_has_the_id_that_everybody_gives_it():
    (one,) = observed(alert({"source.ip": "198.51.100.3"}))

    assert one["id"] == "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4", "as the examples of the standard have it"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("source.ip", "fe80::1%eth0"),
        ("source.ip", "nobody"),
        ("url.original", "/login?a"),
        ("url.full", "http://a b.example/"),
        ("url.full", "http://an:secret@"),
        ("url.full", "http://an:secret\\@example.net/"),
        ("dns.question.name", "localhost"),
        ("dns.question.name", "x" * 260 + ".example"),
        ("file.hash.sha256", "g" * 64),
        ("file.hash.sha1", "abc"),
        ("email.from.address", "a@b@example.net"),
        ("user.name", "an"),
        ("host.name", "may-1.example"),
    ],
)
def test_what_is_none_of_them_or_a_persons_is_left_out(field, text):
    assert observed(alert({field: text}, {field: [text, 5, None]})) == ()


def test_what_is_seen_twice_is_one_object():
    seen = observed(alert({"source.ip": "192.0.2.7"}, {"source.ip": "192.0.2.7", "destination.ip": ["192.0.2.8"]}))

    assert [one["value"] for one in seen] == sorted(["192.0.2.7", "192.0.2.8"], key=[o["value"] for o in seen].index)
    assert len({one["id"] for one in seen}) == 2


FIELDS = ["source.ip", "dns.question.name", "url.full", "file.hash.md5", "email.from.address"]


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=80) | st.integers()), max_size=4))
def test_whatever_an_event_holds_there_is_text_or_nothing(events):
    for one in observed(alert(None, *events)):
        assert one.get("value", "x").isprintable()
