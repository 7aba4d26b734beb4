# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from giamsat_collector.indicators.exchange import _events, exchanged
from giamsat_collector.indicators.files import PROBLEMS, Standing, Taken
from support.listing import DAY, NOW

SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def taken(said):
    found = Taken(Standing(NOW, NOW + 180 * DAY, 75))
    exchanged(said if isinstance(said, str) else json.dumps(said), found)
    return found


def attribute(kind, value, **more):
    return {"type": kind, "value": value, "to_ids": True, **more}


def indicator(pattern, **more):
    return {"type": "indicator", "id": "indicator--1", "pattern": pattern, "pattern_type": "stix", **more}


def bundle(*objects):
    return {"type": "bundle", "id": "bundle--1", "objects": objects}


def test_a_misp_event_gives_what_is_meant_for_detection():
    event = {
        "info": "Chiến dịch A",
        "Orgc": {"name": "NCSC"},
        "Attribute": [
            attribute("domain|ip", "evil.example|203.0.113.9", timestamp="1789000000", comment="điều khiển"),
            attribute("filename|sha256", f"a.exe|{SHA}"),
            attribute("ip-dst", "203.0.113.10", to_ids=False),
            attribute("yara", "rule x {}"),
            attribute("url", "http://evil.example/x", deleted=True),
        ],
        "Object": [{"Attribute": [attribute("email-src", "a@evil.example")]}],
    }
    found = taken({"response": [{"Event": event}]})

    assert [value for _, value in found.entries] == ["evil.example", "203.0.113.9", SHA, "a@evil.example"]
    first = next(iter(found.entries.values()))
    assert (first.source, first.comment, first.since) == ("NCSC", "Chiến dịch A · điều khiển", 1_789_000_000)
    assert found.left_out == {"not meant for detection": 2, "type yara": 1}
    assert taken([{"Event": event}]).entries == found.entries


def test_a_stix_bundle_gives_the_values_of_its_patterns():
    found = taken(
        bundle(
            {"type": "identity", "id": "identity--1", "name": "NCSC"},
            indicator(
                "[ipv4-addr:value = '203.0.113.9' OR domain-name:value = 'evil.example']",
                created_by_ref="identity--1",
                name="Chiến dịch A",
                valid_from="2026-09-01T00:00:00Z",
                valid_until="2026-12-31T00:00:00Z",
                confidence=90,
            ),
            indicator(f"[file:hashes.'SHA-256' = '{SHA}'] OR [url:value = 'http://evil.example/a\\'b']"),
            {"type": "malware", "id": "malware--1"},
        )
    )

    first = next(iter(found.entries.values()))
    assert [value for _, value in found.entries] == ["203.0.113.9", "evil.example", SHA, "evil.example/a'b"]
    assert (first.source, first.comment, first.confidence) == ("NCSC", "Chiến dịch A", 90)
    assert (first.since, first.until) == (1_788_220_800, 1_798_675_200)
    assert found.problems == []


@pytest.mark.parametrize(
    "one",
    [
        indicator("[ipv4-addr:value = '203.0.113.9' AND domain-name:value = 'evil.example']"),
        indicator("[ipv4-addr:value = '203.0.113.9'] FOLLOWEDBY [domain-name:value = 'evil.example']"),
        indicator("[domain-name:value LIKE 'evil%']"),
        indicator("[process:name = 'x']"),
        indicator("[ipv4-addr:value = '203.0.113.9' OR process:name = 'x']"),
        indicator("[NOT ipv4-addr:value = '203.0.113.9']"),
        indicator("rule x {}", pattern_type="yara"),
        indicator(""),
    ],
)
def test_a_pattern_that_asks_for_more_is_left_out_and_counted(one):
    found = taken(bundle(one))

    assert (found.entries, sum(found.left_out.values()), found.problems) == ({}, 1, [])


def test_what_its_maker_does_not_trust_is_left_out():
    found = taken(bundle(indicator("[ipv4-addr:value = '203.0.113.9']", confidence=0)))

    assert (found.entries, list(found.left_out.values()), found.problems) == ({}, [1], [])


def test_what_is_revoked_is_left_out():
    assert taken(bundle(indicator("[ipv4-addr:value = '203.0.113.9']", revoked=True))).left_out == {"revoked": 1}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("{", "file: not JSON"),
        ("[" * 100_000, "file: not JSON"),
        ({"a": 1}, "neither a MISP event nor a STIX"),
        ([1, None], "neither a MISP event nor a STIX"),
        ({"Event": {"Attribute": [attribute("ip-dst", "10.0.0.1")]}}, "attribute 1: 10.0.0.1 is private"),
        (bundle(indicator("[ipv4-addr:value = '10.0.0.1']")), "indicator--1: 10.0.0.1 is private"),
        (bundle(indicator("[ipv4-addr:value = '203.0.113.9']", valid_until="x")), "indicator--1: 'x' is no time"),
        ({"Event": {"Attribute": {"type": 1}, "Object": [[]], "Orgc": 7, "info": None}}, None),
        (bundle("x", 7, {"type": "indicator"}), None),
    ],
)
def test_whatever_comes_is_a_problem_or_nothing(said, why):
    told = [str(problem) for problem in taken(said).problems]

    assert (why is None and told == []) or why in told[0]


def test_answers_within_answers_are_taken_as_deep_as_the_reader_of_json_goes():
    """It goes deeper on some Pythons than functions may call one another."""
    said = {"Event": {"info": "A"}}
    for _ in range(3_000):
        said = {"response": [said]}

    assert list(_events([said, {"Event": {"info": "B"}}, 7])) == [{"info": "A"}, {"info": "B"}]


def test_kinds_without_end_are_told_apart_up_to_a_bound():
    found = taken({"Event": {"Attribute": [attribute(f"kind-{number}", "x") for number in range(100)]}})

    assert (len(found.left_out), sum(found.left_out.values()), found.left_out["others"]) == (21, 100, 80)


def test_a_file_of_nothing_but_mistakes_is_not_read_to_its_end():
    event = {"Event": {"Attribute": [attribute("ip-dst", "10.0.0.1")] * 1_000}}
    stix = bundle(*[indicator("[ipv4-addr:value = '10.0.0.1']")] * 1_000)

    assert [len(taken(said).problems) for said in (event, stix)] == [PROBLEMS, PROBLEMS]
