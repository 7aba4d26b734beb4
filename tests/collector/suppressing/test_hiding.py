# SPDX-License-Identifier: Apache-2.0
"""What a suppression would have hidden, on real rows of alerts."""

import pytest
from sqlalchemy import create_engine

from giamsat_collector.registry.record import Placement
from giamsat_collector.suppressing import hiding
from giamsat_collector.suppressing.record import Record
from support.tables import create_tables
from support.verdicts import recorded, verdict

HERE = Placement("A1", "máy-1", "40.412", "Vinh", "S1", 5)
THERE = Placement("A2", "máy-2", "40.413", "Cửa Lò", None, None)


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def raised(connection, *, place=HERE, at=1_000, **said):
    given = verdict(at=at, **said)
    given = type(given)(**{name: getattr(given, name) for name in given.__slots__} | {"subject": _subject(place)})
    return recorded(connection, given, place, at)


def _subject(place):
    return verdict().subject.__class__(place.asset, place.level)


def hidden(connection, since=0, rules=("ssh_brute_force",), **fields):
    record = Record(0, tuple(rules), fields, "r", "12/QĐ", "an", 0, 0, 1)
    return hiding.preview(connection, record, since)


def test_alerts_of_the_place_and_the_values_would_have_been_hidden_and_no_others(connection):
    mine = raised(connection)
    raised(connection, place=THERE)
    raised(connection, rule="another")

    found = hidden(connection, **{"giamsat.unit": "40.412"})
    by_address = hidden(connection, **{"source.ip": "192.0.2.0/24"})

    assert ([would.alert.id for would in found.found], found.looked_at, found.whole) == ([mine.id], 2, 1)
    assert by_address.whole == 2
    assert hidden(connection, **{"source.ip": "198.51.100.1"}).found == ()


def test_an_alert_of_several_sources_loses_those_that_are_named_and_stays(connection):
    raised(connection)
    raised(connection, source="198.51.100.9")

    (would,) = hidden(connection, **{"source.ip": "192.0.2.7"}).found

    assert (would.hidden, would.sources, would.whole) == (1, 2, False)


def test_a_condition_on_readings_or_silence_is_previewed_by_what_its_alerts_are_grouped_by(connection):
    raised(connection, rule="disk_full", group={"device": "sda1", "mountpoint": "/"}, evidence=({"value": 0.97},))

    assert hidden(connection, rules=["disk_full"], mountpoint="/").whole == 1
    assert hidden(connection, rules=["disk_full"], mountpoint="/var").whole == 0


def test_what_an_event_said_counts_where_it_was_kept(connection):
    raised(connection, evidence=({"source.ip": "192.0.2.7", "user.name": "backup", "x": ("a", "b")},))

    assert hidden(connection, **{"user.name": "backup"}).whole == 1
    assert hidden(connection, x="b").whole == 1
    assert hidden(connection, **{"user.name": "root"}).whole == 0


def test_only_what_happened_since_a_time_is_looked_at_and_not_more_than_a_bound(connection, monkeypatch):
    for number in range(4):
        raised(connection, rule=f"r{number}", at=1_000 + number)
    monkeypatch.setattr(hiding, "MOST", 2)

    assert hidden(connection, since=1_003, rules=(), **{"giamsat.asset": "A1"}).looked_at == 1
    assert hidden(connection, rules=(), **{"giamsat.asset": "A1"}).looked_at == 2
