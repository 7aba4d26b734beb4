# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
from sqlalchemy import select

from giamsat_collector.coverage.attesting import Wanted, attest
from giamsat_collector.coverage.tables import attestations
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import System, Unit, UnitKind
from support.coverage import OBLIGATIONS

TODAY = "2026-11-23"
WANTED = Wanted("S1", "monitor.around_the_clock", "met", "12/QĐ", "trực ca", "2027-06-30", "an")


@pytest.fixture
def here(connection):
    rows.put_units(connection, [Unit("u", "Vinh", UnitKind.DISTRICT)])
    rows.put_systems(connection, [System("S1", "x", "u", 4)])
    return connection


def tried(connection, **words):
    attest(connection, OBLIGATIONS, replace(WANTED, **words), today=TODAY, at_ns=7)


def test_the_newest_attestation_stands(here):
    tried(here)
    tried(here, state="exempt", text="không áp dụng")

    (row,) = here.execute(select(attestations))
    assert (row.state, row.document, row.expires, row.actor, row.at_ns) == ("exempt", "12/QĐ", "2027-06-30", "an", 7)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"obligation": "x"}, "no such obligation"),
        ({"obligation": "monitor.hosts"}, "read from what arrives"),
        ({"state": "fine"}, "can be attested as"),
        ({"document": " "}, "needs a document"),
        ({"text": ""}, "needs a document"),
        ({"expires": "tomorrow"}, "is no date"),
        ({"expires": "2026-11-22"}, "is over"),
    ],
)
def test_what_cannot_be_attested_is_refused_with_the_reason(here, words, said):
    with pytest.raises(RefusedError, match=said):
        tried(here, **words)

    assert list(here.execute(select(attestations))) == []
