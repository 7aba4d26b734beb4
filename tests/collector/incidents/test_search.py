# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_collector.incidents import ledger, search
from giamsat_collector.incidents.incident import Place, State
from giamsat_collector.incidents.lifecycle import Action, Request
from support.incidents import HOUR, incident
from support.verdicts import PLACEMENT, recorded, verdict


def raised(connection, rule, at, **place):
    return recorded(connection, verdict(rule=rule), replace(PLACEMENT, **place), at * HOUR).id


def opened(connection, *chosen, **changes):
    return ledger.opened(connection, incident(**changes), chosen).number


def test_the_next_report_stands_first_then_the_newest_and_closed_ones_last(connection):
    late, early, quiet, over = (raised(connection, f"r{at}", at) for at in (90, 50, 20, 10))
    numbers = [
        opened(connection, over),
        opened(connection, quiet),
        opened(connection, late, serious=True),
        opened(connection, early, serious=True),
        opened(connection, quiet),
    ]
    ledger.move(connection, numbers[0], Request(Action.CLOSE, "an", "xong"), 95 * HOUR)

    assert [row.incident.number for row in search.listed(connection, State).rows] == [4, 3, 5, 2, 1]
    assert [row.incident.number for row in search.listed(connection, [State.CLOSED]).rows] == [1]
    assert [(one.number, len(owed)) for one, owed in search.standing(connection)] == [(2, 0), (3, 2), (4, 2), (5, 0)]


def test_places_are_those_of_its_alerts_at_the_level_of_then_the_highest_first(connection):
    both = {"unit": "40.413", "system": "S2", "level": 2}
    ids = [raised(connection, "a", 90), raised(connection, "b", 91, **both), raised(connection, "c", 92, **both)]
    number = opened(connection, *ids, raised(connection, "d", 93, unit="", system=None, level=None))

    (row,) = search.listed(connection, [State.OPEN]).rows
    places = (Place("", None, None), Place("40.412", "S1", 3), Place("40.413", "S2", 2))
    assert (row.places, row.alerts) == (places, 4)
    assert search.whole(connection, number).places == places


def test_an_alert_names_the_incidents_it_belongs_to(connection):
    one, other = raised(connection, "a", 90), raised(connection, "b", 91)
    opened(connection, one)
    opened(connection, one)

    found = search.of_alerts(connection, [one, other])
    assert {alert: [its.number for its in incidents] for alert, incidents in found.items()} == {one: [2, 1]}


def test_what_is_left_out_of_a_long_list_can_be_told(connection, monkeypatch):
    monkeypatch.setattr(search, "LISTED", 1)
    alert = raised(connection, "a", 90)
    for _ in range(3):
        opened(connection, alert)

    found = search.listed(connection, [State.OPEN])
    assert ([row.incident.number for row in found.rows], found.more) == ([3], True)
