# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.indicators.contact import Indicators, Role, sent
from support.flowing import SIX, WEB, minute
from support.listing import DAY, NOW, entry, lookup

NS = 10**9
JA4 = "t13d1516h2_8daaf6152771_b186095e22b6"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MD5 = "d41d8cd98f00b204e9800998ecf8427e"
SIX_TO_SIX = {"source__ip": "2001:db8:1:2::5", "destination__ip": "2001:db8::53"}
"""A client and a server whose addresses are public, as all are of IPv6."""
LISTED = lookup("203.0.113.9", "evil.example", JA4, SHA, MD5)


def told(listed=LISTED, at_s=NOW, **fields):
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return Indicators(listed).told(named, at_s * NS)


@pytest.mark.parametrize(
    ("fields", "role"),
    [
        ({"destination__ip": "203.0.113.9", "source__ip": "10.0.0.5"}, Role.CONTACT),
        ({"dns__question__name": "a.evil.example"}, Role.CONTACT),
        ({"url__original": "http://evil.example/x", "source__ip": "10.0.0.5"}, Role.CONTACT),
        ({"dns__question__name": "c2.evil.example", **SIX_TO_SIX}, Role.CONTACT),
        ({"tls__client__ja4": JA4, "source__ip": "10.0.0.5"}, Role.CONTACT),
        ({"tls__client__ja4": JA4, "source__ip": "198.51.100.7"}, Role.VISITOR),
        ({"source__ip": "203.0.113.9", "destination__ip": "10.0.0.5"}, Role.VISITOR),
        ({"file__hash__sha256": SHA}, Role.FILE),
        ({"process__hash__md5": MD5}, Role.FILE),
        ({"email__from__address": "a@evil.example"}, Role.MAIL),
        ({"dns__question__name": ("good.example", "evil.example")}, Role.CONTACT),
    ],
)
def test_who_reaches_out_is_told_apart_from_who_comes(fields, role):
    assert told(**fields)["giamsat.threat.role"] == role.value


@pytest.mark.parametrize(
    "fields",
    [
        {"url__domain": "evil.example", "source__ip": "198.51.100.7"},
        {"url__original": "http://evil.example/", "source__ip": "198.51.100.7"},
        {"dns__question__name": "evil.example", "source__ip": "198.51.100.7"},
        {"tls__client__server_name": "evil.example", "source__ip": "198.51.100.7"},
        {"dns__question__name": "evil.example", "source__ip": "198.51.100.7", "destination__ip": "10.0.0.53"},
        {"destination__ip": "203.0.113.9", "source__port": 443, "destination__port": 51_512, "source__ip": "10.0.0.5"},
        {"destination__ip": "203.0.113.8"},
        {"url__original": "/evil.example"},
        {"destination__ip": 7},
        {},
    ],
)
def test_what_visitors_write_into_requests_and_what_meets_nothing_stay_as_they_are(fields):
    assert not any(name.startswith(("threat.", "giamsat.threat")) for name in told(**fields))


@pytest.mark.parametrize(
    ("source", "destination"), [(51_512, 443), (123, 123), (443, 443), (0, 51_512), ("443", 51_512), (50_000, 51_512)]
)
def test_who_asks_a_listed_address_is_in_contact_with_it_whatever_the_port(source, destination):
    fields = {"source__ip": "10.0.0.5", "source__port": source, "destination__port": destination}

    assert told(destination__ip="203.0.113.9", **fields)["giamsat.threat.role"] == "contact"


def test_what_the_lists_alone_say_is_not_taken_from_who_sends():
    own = ("giamsat.threat.role", "threat.indicator.name", "threat.feed.name", "threat.enrichments.matched.field")

    assert sent({**dict.fromkeys(own, "visitor"), "threat.tactic.id": "TA0011"}) == {"threat.tactic.id": "TA0011"}
    assert sent(plain := {"source.ip": "203.0.113.9"}) is plain


def test_an_event_is_told_of_entry_list_and_age():
    listed = lookup(entry("evil.example", confidence=90, since=NOW - 10 * DAY, comment="mã độc"), brought=NOW - 3 * DAY)

    fields = told(listed, dns__question__name="c2.evil.example", source__ip="10.0.0.5")

    assert fields == {
        "dns.question.name": "c2.evil.example",
        "source.ip": "10.0.0.5",
        "threat.indicator.type": "domain-name",
        "threat.indicator.name": "evil.example",
        "threat.indicator.provider": "Trung tâm",
        "threat.indicator.description": "mã độc",
        "threat.indicator.first_seen": "2026-09-11T14:13:20.000Z",
        "threat.feed.name": "ncsc",
        "threat.enrichments.matched.field": "dns.question.name",
        "threat.enrichments.matched.atomic": "c2.evil.example",
        "giamsat.threat.role": "contact",
        "giamsat.threat.who": "10.0.0.5",
        "giamsat.threat.confidence": 90,
        "giamsat.threat.age_days": 10,
        "giamsat.threat.list_age_days": 3,
    }
    assert told(destination__ip="203.0.113.9", host__name="may-1", agent__id="A1")["giamsat.threat.who"] == "may-1"
    assert told(destination__ip="203.0.113.9")["threat.indicator.type"] == "ipv4-addr"


def test_flows_of_a_minute_are_one_event_for_each_entry_and_host():
    web = WEB._replace(destination="203.0.113.9")
    met = list(Indicators(LISTED).flows(minute(web, web, web._replace(source="10.0.0.6"), SIX, start_ns=NOW * NS)))

    assert [(one["source.ip"], one["giamsat.threat.flows"], one["network.packets"]) for one in met] == [
        ("10.0.0.5", 2, 44),
        ("10.0.0.6", 1, 22),
    ]
    assert met[0]["event.action"] == "flow-summary"
    assert (met[0]["destination.ip"], met[0]["destination.port"]) == ("203.0.113.9", 443)
    assert met[0]["threat.enrichments.matched.field"] == "destination.ip"


@pytest.mark.parametrize(
    ("row", "role"),
    [
        (WEB._replace(name="x.evil.example"), "contact"),
        (SIX._replace(name="x.evil.example"), "contact"),
        (WEB._replace(ja4=JA4), "contact"),
        (WEB._replace(ja4=JA4, source="198.51.100.7"), "visitor"),
        (WEB._replace(source="203.0.113.9", destination="10.0.0.5"), "visitor"),
        (WEB._replace(destination="203.0.113.9", received_packets=0), "contact"),
    ],
)
def test_a_flow_meets_by_address_name_and_fingerprint(row, role):
    (met,) = Indicators(LISTED).flows(minute(row, start_ns=NOW * NS))

    assert met["giamsat.threat.role"] == role


@pytest.mark.parametrize(
    "row",
    [
        WEB._replace(source="203.0.113.9", destination="10.0.0.5", received_packets=0),
        WEB._replace(source="198.51.100.7", destination="10.0.0.5", name="evil.example"),
        WEB._replace(source_port=443, destination="203.0.113.9", destination_port=51_512),
    ],
    ids=["nobody answers", "it says what it likes to be asked for", "it is refused"],
)
def test_who_comes_from_outside_and_only_says_something_has_met_nobody(row):
    assert list(Indicators(LISTED).flows(minute(row, start_ns=NOW * NS))) == []


def test_hits_are_counted_by_list_until_they_are_taken():
    indicators = Indicators(LISTED)
    indicators.told({"destination.ip": "203.0.113.9"}, NOW * NS)
    list(indicators.flows(minute(WEB._replace(name="evil.example"), start_ns=NOW * NS)))

    assert (dict(indicators.taken()), dict(indicators.taken())) == ({"ncsc": 2}, {})
    assert Indicators().told({"destination.ip": "203.0.113.9"}, 0) == {"destination.ip": "203.0.113.9"}
    assert list(Indicators().flows(minute(WEB))) == []
