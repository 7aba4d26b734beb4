# SPDX-License-Identifier: Apache-2.0
from functools import partial

import pytest
from sqlalchemy import create_engine

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.lifecycle import Action, Request
from giamsat_collector.alerts.search import Filter, count, nearest, open_by, search, standing, total
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.record import Placement
from support.plans import ways
from support.tables import create_tables
from support.verdicts import recorded, verdict

SEVERITIES = ("low", "medium", "high", "critical")


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        for number in range(20):
            level = None if number == 0 else number % 5 + 1
            place = Placement(f"A{number}", f"máy {number}", f"u{number % 3}", "Xã Nghĩa Đàn", "S1", level)
            said = verdict(rule=f"r{number}", severity=SEVERITIES[number % 4], at=1_000 + number)
            recorded(connection, said, place, 1_000 + number)
        yield connection
    engine.dispose()


def found(connection, **query):
    return [alert.rule for alert in search(connection, Filter.parse(query.items()), limit=200).alerts]


def found_ids(connection, **query):
    return [alert.id for alert in search(connection, Filter.parse(query.items()), limit=200).alerts]


def test_pages_hold_every_alert_once_most_urgent_and_oldest_first(connection):
    seen, after = [], None
    while True:
        page = search(connection, Filter(), after=after, limit=3)
        seen += page.alerts
        after = page.after
        if after is None:
            break

    assert len({alert.id for alert in seen}) == 20
    keys = [(alert.priority, alert.opened_ns) for alert in seen]
    assert keys == sorted(keys)


def test_pages_hold_what_is_closed_and_what_is_not_in_one_order(connection):
    for number in range(0, 20, 3):
        alert = found_ids(connection, rule=f"r{number}")[0]
        ledger.move(connection, alert, Request(Action.RESOLVE, "an", note="xong"), 5_000)
    asked = {"state": "new,resolved"}
    whole = found_ids(connection, **asked)
    wanted, seen, after = Filter.parse(asked.items()), [], ""
    while after is not None:
        page = search(connection, wanted, after=after or None, limit=3)
        seen, after = [*seen, *(alert.id for alert in page.alerts)], page.after

    assert (seen, len(set(seen)), count(connection, wanted)) == (whole, 20, 20)
    assert whole == found_ids(connection)


@pytest.mark.parametrize(
    "filters",
    [
        {},
        *({"state": state} for state in ("open", "new", "waiting", "resolved", "resolved,false_positive")),
        *({name: "x"} for name in ("system", "owner")),
        {"severity": "high"},
        {"priority": "1"},
        {"since": "2026-01-01T00:00:00Z"},
        {"text": "x"},
    ],
)
def test_a_page_is_read_in_the_order_of_an_index_and_counted_without_reading_alerts(connection, filters):
    wanted = Filter.parse(filters.items())
    ordered, counted = (ways(connection, partial(look, connection, wanted)) for look in (search, count))

    assert {way.partition(" (")[0] for way in ordered} == {"SEARCH alerts USING INDEX ix_alerts_queue"}
    assert {way.partition(" (")[0] for way in counted} == {"SEARCH alerts USING COVERING INDEX ix_alerts_queue"}


@pytest.mark.parametrize("name", ["unit", "rule", "asset", "cause"])
def test_what_an_index_of_its_own_finds_is_not_looked_for_through_all_there_is(connection, name):
    wanted = Filter.parse([(name, "x")])
    asked = [way for look in (search, count) for way in ways(connection, partial(look, connection, wanted))]

    assert all(f"({name}=?" in way for way in asked if way.startswith(("SCAN", "SEARCH")))


def test_filters_are_alternatives_inside_and_conditions_between(connection):
    assert set(found(connection, unit="u1,u2", severity="high")) == {"r2", "r10", "r14"} | {
        f"r{number}" for number in range(20) if number % 3 and number % 4 == 2
    }


def test_an_unclassified_alert_is_found_as_such(connection):
    assert found(connection, level="unclassified") == ["r0"]


@pytest.mark.parametrize("text", ["nghia dan", "Nghĩa Đàn", "NGHIA  đàn"])
def test_text_is_found_without_accents(connection, text):
    assert len(found(connection, text=text)) == 20
    assert found(connection, text=text + " không có") == []


def test_wildcards_in_a_text_are_text(connection):
    assert found(connection, text="%") == []


def test_open_means_not_closed(connection):
    alert = search(connection, Filter(), limit=1).alerts[0]
    ledger.move(connection, alert.id, Request(Action.FALSE_POSITIVE, "an", note="quen"), 9)

    assert count(connection, Filter.parse([("state", "open")])) == 19
    assert count(connection, Filter.parse([("state", "false_positive")])) == 1
    assert sum(open_by(connection, "severity", "level").values()) == 19


def test_a_filter_is_counted_however_many_of_it_stand_on_the_page_and_not_again_when_all_do(connection):
    wanted = Filter()
    whole, part = search(connection, wanted), search(connection, wanted, limit=7)
    rest = search(connection, wanted, after=part.after, limit=50)

    assert ways(connection, lambda: total(connection, wanted, whole, None)) == []
    assert total(connection, wanted, whole, None) == total(connection, wanted, part, None) == 20
    assert total(connection, wanted, rest, part.after) == 20


def test_what_stands_is_counted_by_several_filters_at_once_and_what_is_closed_by_none(connection):
    first = search(connection, Filter(), limit=1).alerts[0]
    ledger.move(connection, first.id, Request(Action.RESOLVE, "an", note="x"), 2_000)
    tabs = {"open": Filter(state=frozenset({"open"})), "mine": Filter(owner=frozenset({"an"})), "all": Filter()}

    assert standing(connection, tabs) == {"open": 19, "mine": 0, "all": 19}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"stat": "new"}, "no such filter: stat; did you mean state\\? the filters are asset, "),
        ({"state": "nwe"}, "state='nwe' is not possible; possible: acknowledged"),
        ({"level": "6"}, "is not possible"),
        ({"since": "yesterday"}, "is not a time"),
    ],
)
def test_a_mistyped_filter_is_answered_with_what_there_is(connection, query, said):
    with pytest.raises(RefusedError, match=said):
        found(connection, **query)


@pytest.mark.parametrize("cursor", ["x", "1.", "a.b.c", ".", "9" * 400])
def test_a_damaged_cursor_is_refused(connection, cursor):
    with pytest.raises(RefusedError, match="first page"):
        search(connection, Filter(), after=cursor)


def test_of_one_asset_the_alerts_that_began_nearest_in_time_come_first(connection):
    (about,) = search(connection, Filter(rule=frozenset({"r5"}))).alerts

    assert {one.rule for one in nearest(connection, about, 2)} == {"r4", "r6"}
