# SPDX-License-Identifier: Apache-2.0
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sigma.types import SigmaCIDRExpression

from giamsat_rules.matching.value import values_test

CASES = [
    ("{a: Root}", {"a": "root"}, True),
    ("{a|cased: Root}", {"a": "root"}, False),
    ("{a: 'r*t'}", {"a": "rabbit"}, True),
    ("{a: r?t}", {"a": "rot"}, True),
    ("{a|contains: oo}", {"a": "rOOt"}, True),
    ("{a|startswith: ro}", {"a": "root"}, True),
    ("{a|endswith: ot}", {"a": "roots"}, False),
    ("{a|contains|all: [x, y]}", {"a": "y-x"}, True),
    ("{a|contains|all: [x, y]}", {"a": "x"}, False),
    ("{a: [x, y]}", {"a": "y"}, True),
    ("{a: 22}", {"a": 22}, True),
    ("{a: 22}", {"a": "22"}, True),
    ("{a: 22}", {"a": True}, False),
    ("{a: true}", {"a": True}, True),
    ("{a: null}", {}, True),
    ("{a: null}", {"a": ""}, False),
    ("{a: ''}", {"a": ""}, True),
    ("{a|exists: true}", {"a": 0}, True),
    ("{a|exists: false}", {"a": 0}, False),
    ("{a|neq: x}", {"a": "y"}, True),
    ("{a|neq: x}", {"a": "x"}, False),
    ("{a|lt: 10}", {"a": 9}, True),
    ("{a|lte: 10}", {"a": 10}, True),
    ("{a|gt: 10}", {"a": "10.5"}, True),
    ("{a|gte: 10}", {"a": "ten"}, False),
    ("{a|re: 'ro+t$'}", {"a": "a root"}, True),
    ("{a|re: 'RO+T'}", {"a": "root"}, False),
    ("{a|re|i: 'RO+T'}", {"a": "root"}, True),
    ("{a|cidr: 10.0.0.0/8}", {"a": "10.1.2.3"}, True),
    ("{a|cidr: 10.0.0.0/8}", {"a": "::ffff:10.1.2.3"}, True),
    ("{a|cidr: 10.0.0.0/8}", {"a": "11.1.2.3"}, False),
    ("{a|cidr: 'fe80::/10'}", {"a": "fe80::1%eth0"}, True),
    ("{a|cidr: 10.0.0.0/8}", {"a": "not an address"}, False),
    ("{a|fieldref: b}", {"a": "X", "b": "x"}, True),
    ("{a|fieldref: b}", {"a": "x"}, False),
    ("{a|fieldref: b}", {"a": ("x", "y"), "b": "Y"}, True),
    ("{a|fieldref|startswith: b}", {"a": "xyz", "b": ("q", "xy")}, True),
    ("{a|startswith: 12}", {"a": 123}, True),
    ("{a|contains: [9, 2]}", {"a": "1.2"}, True),
    ("{a|endswith: 12}", {"a": 123}, False),
    ("{a|fieldref|startswith: b}", {"a": "xyz", "b": "x"}, True),
    ("{a|base64offset|contains: foobar}", {"a": "xxZm9vYmFyxx"}, True),
    ("{a|windash: ' -enc'}", {"a": " /enc"}, True),
    ("{a|wide|base64offset|contains: hi}", {"a": "aABpA"}, True),
    ("{a|utf16le|base64offset|contains: hi}", {"a": "aABpA"}, True),
    ("[{a|utf16le|base64: hi}, {a: x}]", {"a": "aABpAA=="}, True),
    ("{a: start}", {"a": ("user", "start")}, True),
    ("{a: x}", {}, False),
    ("[accepted, refused]", {"message": "login REFUSED by policy"}, True),
    ("['acc*ed']", {"message": "was accepted", "n": 1}, True),
    ("[accepted]", {"message": "no"}, False),
    ("{a|hour: 3}", {"a": "2026-01-01T20:30:00Z"}, True),
    ("{a|hour: 20}", {"a": "2026-01-01T20:30:00Z"}, False),
    ("{a|hour|gte: 22}", {"a": "2026-01-01T23:30:00+07:00"}, True),
    ("{a|minute: 30}", {"a": "2026-01-01T20:30:00"}, True),
    ("{a|day: 2}", {"a": 1767304800}, True),
    ("{a|week: 1}", {"a": "2026-01-01T00:00:00+07:00"}, True),
    ("{a|month: 12}", {"a": "2025-12-31T16:59:59Z"}, True),
    ("{a|year: 2026}", {"a": "2025-12-31T17:00:00Z"}, True),
    ("{a|year: 2026}", {"a": "soon"}, False),
    ("{a|re|m: '^b$'}", {"a": "a\nb"}, True),
    ("{a|re|s: 'a.b'}", {"a": "a\nb"}, True),
    ("{a|re: 'a.b'}", {"a": "a\nb"}, False),
    ("{a|utf16|base64offset|contains: hi}", {"a": "//5oAGkA"}, True),
    ("{a|utf16be|base64offset|contains: hi}", {"a": "AGgAaQ=="}, True),
    ("{a|base64: foo}", {"a": "Zm9v"}, True),
    ("{a|contains: [x, y]}", {"a": "aYb"}, True),
    ("{a|endswith: [x, y]}", {"a": ("q", "bX")}, True),
    ("{a|contains|cased: [x, Y]}", {"a": "aYb"}, True),
    ("{a|contains|cased: [x, Y]}", {"a": "ayb"}, False),
    ("{a|contains: [x, '1?3']}", {"a": "0123"}, True),
    ("{CommandLine|contains: x}", {"process.command_line": "axb"}, True),
    ("{CommandLine: null}", {"process.command_line": "axb"}, False),
    ("{CommandLine|contains: x}", {"CommandLine": "a", "process.command_line": "axb"}, False),
    ("{a: ['', null]}", {}, True),
    ("{a|fieldref|endswith: b}", {"a": "xyz", "b": "YZ"}, True),
    ("{a|fieldref|contains: b}", {"a": "xyz", "b": "q"}, False),
]


@pytest.mark.parametrize(("selection", "fields", "expected"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_a_value_matches_as_sigma_says(rules_of, detection, selection, fields, expected):
    ruleset = rules_of(detection("r", selection))
    assert ruleset.problems == ()

    assert ruleset.rules["r"].matches(fields) is expected


@pytest.mark.parametrize(
    ("selection", "what"),
    [
        ("{a|expand: '%admins%'}", "placeholder"),
        ("{a|re: '(?=x)'}", "egular expression"),
        ("{a|cidr: 10.0.0.0/99}", "CIDR"),
        ("{a|nonsense: x}", "Unknown modifier"),
        (f"{{a: '{'x' * 5000}*'}}", "longer than"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_by_name(rules_of, detection, selection, what):
    ruleset = rules_of(detection("r", selection))

    assert ruleset.rules == {}
    assert what in ruleset.problems[0].what


ADDRESSES = st.one_of(st.ip_addresses(v=4, network="10.0.0.0/29"), st.ip_addresses(v=6, network="fd00::/125"))
NETWORKS = st.tuples(ADDRESSES, st.integers(0, 3)).map(
    lambda said: str(ip_network((said[0], said[0].max_prefixlen - said[1]), strict=False))
)


@given(st.lists(NETWORKS, min_size=2, max_size=5), ADDRESSES, st.booleans())
def test_an_address_is_in_several_networks_when_it_is_in_one(networks, address, mapped):
    said = f"::ffff:{address}" if mapped and address.version == 4 else str(address)
    wanted = any(address in ip_network(each) for each in networks)

    assert values_test("a", list(map(SigmaCIDRExpression, networks)))({"a": said}) == wanted
