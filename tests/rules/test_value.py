# SPDX-License-Identifier: Apache-2.0
import pytest

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
    ("{a|fieldref|startswith: b}", {"a": "xyz", "b": "x"}, True),
    ("{a|base64offset|contains: foobar}", {"a": "xxZm9vYmFyxx"}, True),
    ("{a|windash: ' -enc'}", {"a": " /enc"}, True),
    ("{a|wide|base64offset|contains: hi}", {"a": "aABpA"}, True),
    ("{a: start}", {"a": ("user", "start")}, True),
    ("{a: x}", {}, False),
    ("[accepted, refused]", {"message": "login REFUSED by policy"}, True),
    ("['acc*ed']", {"message": "was accepted", "n": 1}, True),
    ("[accepted]", {"message": "no"}, False),
]


@pytest.mark.parametrize(("selection", "fields", "expected"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_a_value_matches_as_sigma_says(rules_of, detection, selection, fields, expected):
    ruleset = rules_of(detection("r", selection))
    assert ruleset.problems == ()

    assert ruleset.rules["r"].matches(fields) is expected


@pytest.mark.parametrize(
    ("selection", "what"),
    [
        ("{a|hour: 3}", "parts of a time"),
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
