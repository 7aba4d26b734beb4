# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.suppressing.wanted import Known, Wanted, decided

DAY = 86_400 * 10**9
NOW = 20_000 * DAY
KNOWN = Known(rules={"ssh_brute_force"}, unit={"40.412"}, system={"S1"}, asset={"A1"})
WANTED = Wanted(["ssh_brute_force"], {"source.ip": "192.0.2.7"}, "máy quét", "12/QĐ", "8h", unit="40.412")


def tried(**words):
    return decided(replace(WANTED, **words), KNOWN, proposer="an", now_ns=NOW)


def test_where_it_applies_becomes_part_of_what_is_asked():
    record = tried(system="S1", asset="A1")

    assert record.fields == {
        "source.ip": "192.0.2.7",
        "giamsat.unit": "40.412",
        "giamsat.system": "S1",
        "giamsat.asset": "A1",
    }
    assert (record.proposer, record.second, record.since_ns) == ("an", None, NOW)


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ({"expires": "8h"}, NOW + DAY // 3),
        ({"expires": "90d"}, NOW + 90 * DAY),
        ({"expires": "2024-10-05"}, NOW + 2 * DAY),
        ({"expires": "1d", "starts": "2024-10-05T07:00+07:00"}, NOW + 2 * DAY),
    ],
)
def test_when_it_ends(words, until):
    assert tried(**words).until_ns == until


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"reason": " "}, "needs a reason"),
        ({"document": ""}, "number of a document"),
        ({"rules": ["ssh_brute_forc"]}, "did you mean ssh_brute_force"),
        ({"unit": "41"}, "no such unit"),
        ({"asset": "x"}, "registry assets"),
        ({"unit": "", "fields": {}}, "would hide everywhere"),
        ({"fields": {"source.ip|nonsense": "x"}}, "nonsense"),
        ({"fields": {"a": "x" * 501}}, "split it"),
        ({"expires": "91d"}, "90 days at most"),
        ({"expires": "soon"}, "is no time"),
        ({"expires": "9999-12-31"}, "is no time"),
        ({"starts": "9999-12-31T00:00+07:00"}, "is no instant"),
        ({"expires": "2024-10-01"}, "is over"),
        ({"starts": "tomorrow"}, "is no instant"),
        ({"starts": "2024-10-05T07:00"}, "time zone"),
        ({"starts": "2030-01-01T00:00+07:00"}, "90 days at most"),
    ],
)
def test_what_cannot_be_hidden_is_refused_with_the_reason(words, said):
    with pytest.raises(RefusedError, match=said):
        tried(**words)
