# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
from sqlalchemy import insert

from giamsat_collector.errors import RefusedError
from giamsat_collector.suppressing import ledger
from giamsat_collector.suppressing.record import Record
from giamsat_collector.suppressing.tables import suppressions

RECORD = Record(
    number=0,
    rules=("ssh_brute_force",),
    fields={"source.ip": "192.0.2.7"},
    reason="máy quét",
    document="12/QĐ",
    proposer="an",
    proposed_ns=0,
    since_ns=0,
    until_ns=1000,
)


@pytest.fixture
def kept(connection):
    return ledger.propose(connection, RECORD, 0)


def test_what_is_proposed_is_asked_for_and_numbered(connection, kept):
    (asked,) = ledger.asked(connection, 10)

    assert (kept.number, asked.number, asked.agreed_ns, asked.until_ns) == (1, 1, None, 1000)
    assert ledger.every(connection) == (kept,)


def test_only_another_person_can_agree_and_only_once(connection, kept):
    with pytest.raises(RefusedError, match="a second person"):
        ledger.agree(connection, kept.number, "AN", 5)

    assert ledger.agree(connection, kept.number, "binh", 5).second == "binh"
    assert ledger.asked(connection, 10)[0].agreed_ns == 5
    with pytest.raises(RefusedError, match="binh has agreed"):
        ledger.agree(connection, kept.number, "chi", 6)


def test_nobody_can_agree_to_what_no_known_person_proposed_and_it_still_stands(connection):
    kept = ledger.propose(connection, replace(RECORD, proposer="uid 0"), 0)

    with pytest.raises(RefusedError, match="propose it again in the console"):
        ledger.agree(connection, kept.number, "binh", 5)
    assert ledger.asked(connection, 10)[0].agreed_ns is None


def test_what_was_ended_still_applies_to_what_happened_before(connection, kept):
    ended = ledger.end(connection, kept.number, "binh", 500)

    assert (ended.ended_by, ended.over_ns) == ("binh", 500)
    assert ledger.asked(connection, 600)[0].until_ns == 500
    for again in (ledger.end, ledger.agree):
        with pytest.raises(RefusedError, match="is over"):
            again(connection, kept.number, "binh", 600)


def test_what_ended_long_ago_is_asked_for_no_more_and_stays_on_record(connection, kept):
    assert ledger.asked(connection, 1000 + ledger.REMEMBERED_NS) == ()
    assert len(ledger.every(connection)) == 1


def test_what_was_hidden_adds_up(connection, kept):
    ledger.count(connection, {kept.number: 3}, 7)
    ledger.count(connection, {kept.number: 4}, 9)

    record = ledger.get(connection, kept.number)
    assert (record.hidden, record.last_ns) == (7, 9)


def test_an_unknown_number_is_answered_with_where_to_look(connection):
    with pytest.raises(RefusedError, match="suppress list"):
        ledger.end(connection, 9, "an", 0)


def test_no_more_stand_than_every_hit_can_be_asked_about(connection):
    row = {"rules": [], "fields": {"a": "b"}, "reason": "x", "document": "x", "proposer": "an", "hidden": 0}
    times = {"proposed_ns": 0, "since_ns": 0, "until_ns": 1000}
    connection.execute(insert(suppressions), [row | times] * ledger.MOST)

    with pytest.raises(RefusedError, match="stand already"):
        ledger.propose(connection, RECORD, 0)
    assert ledger.propose(connection, RECORD, 1000).number == ledger.MOST + 1
