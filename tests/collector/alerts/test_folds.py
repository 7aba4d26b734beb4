# SPDX-License-Identifier: Apache-2.0
"""One attack is one alert in the queue: verdicts of the shipped rules on real rows, placed as the pipeline does it."""

import pytest
from sqlalchemy import create_engine

from giamsat_collector.alerts import folds, search
from giamsat_collector.alerts.alert import Relation, State
from giamsat_collector.alerts.lifecycle import Action
from giamsat_collector.notify_settings import What
from support.desk import Desk
from support.tables import create_tables

GUESS, SPRAY, SUCCESS = "ssh_brute_force", "password_spraying", "ssh_success_after_failures"
WIRE, SCAN, DENIED = "guessing_on_the_wire", "port_scan_on_the_wire", "many_denied_connections"


@pytest.fixture
def desk():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.connect() as connection:
        yield Desk(connection)
    engine.dispose()


def test_one_attack_from_scan_to_success_is_one_row_and_told_as_it_grows_worse(desk):
    steps = [
        (SCAN, {"asset": "h2"}),
        (DENIED, {"asset": "h2"}),
        (GUESS, {}),
        (WIRE, {}),
        (SUCCESS, {"severity": "high"}),
    ]
    news = []
    for rule, words in steps:
        desk.tell(rule, **words)
        news.append(desk.told())

    assert news == [
        [(What.OPEN, SCAN)],
        [],
        [(What.OPEN, GUESS), (What.CLOSE, SCAN)],
        [],
        [(What.OPEN, SUCCESS), (What.CLOSE, GUESS)],
    ]
    assert desk.found("open") == [SUCCESS]
    assert sorted(desk.found("same")) == sorted([SCAN, DENIED, GUESS, WIRE])
    desk.tell("web_missing_pages", "h2", source="192.0.2.9")
    assert desk.found("open") == [SUCCESS, "web_missing_pages"], "what another host tells of moves nothing else"


def test_what_is_told_already_by_a_stronger_alert_is_never_news(desk):
    guess = desk.tell(GUESS)
    wire = desk.tell(WIRE, group={"destination.ip": "198.51.100.1"})

    assert (desk.now_of(wire).cause, desk.now_of(wire).relation) == (guess, Relation.SAME)
    assert (desk.found("open"), desk.found("new"), desk.found("same"), desk.found("consequence")) == (
        *([GUESS], [GUESS], [WIRE]),
        [],
    )
    assert search.behind(desk.connection, [guess, wire]) == {guess: 1}
    assert search.open_by(desk.connection, "asset") == {("h1",): 1}
    assert desk.told() == [(What.OPEN, GUESS)]
    assert desk.done(wire) == [("system", "open", ""), ("system", "same", guess)]
    desk.tell(WIRE, group={"destination.ip": "198.51.100.1"}, change="continued")
    assert (desk.now_of(wire).count, desk.told()) == (2, [])


def test_one_that_tells_of_another_offender_or_target_comes_into_the_queue_and_goes_back(desk):
    guess = desk.tell(GUESS)
    wire = desk.tell(WIRE, group={"destination.ip": "198.51.100.1"})
    desk.told()

    desk.tell(WIRE, source="192.0.2.8", group={"destination.ip": "198.51.100.1"})
    assert (desk.found("open"), desk.told()) == ([GUESS, WIRE], [(What.OPEN, WIRE)])
    desk.tell(GUESS, source="192.0.2.8")
    assert (desk.found("open"), desk.told()) == ([GUESS], [(What.CLOSE, WIRE)])
    desk.tell(WIRE, group={"destination.ip": "198.51.100.2"})
    assert desk.found("open") == [GUESS, WIRE]
    assert [one[1:] for one in desk.done(wire)] == [
        ("open", ""),
        *[("same", guess), ("unfold", guess), ("fold", guess), ("unfold", guess)],
    ]


def test_one_attack_of_which_some_logs_say_no_address_is_one_row_and_those_on_others_are_their_own(desk):
    admin = desk.tell("account_guessing", group={"user.name": "admin"}, source=None, severity="low")
    force = desk.tell("login_brute_force", users=("admin",))
    assert desk.found("open") == ["login_brute_force"]
    assert desk.told() == [(What.OPEN, "login_brute_force"), (What.CLOSE, "account_guessing")]
    assert (desk.now_of(admin).cause, desk.now_of(admin).relation) == (force, Relation.SAME)

    desk.tell("account_guessing", asset="h2", group={"user.name": "admin"}, source=None, severity="low")
    assert desk.told() == [(What.OPEN, "account_guessing")], "of another host"
    desk.tell("account_guessing", group={"user.name": "an"}, source=None, severity="low")
    assert desk.told() == [(What.OPEN, "account_guessing")], "nobody is known to have tried an"
    assert desk.now_of(admin).cause is None


def test_what_is_resolved_takes_with_it_what_tells_of_the_same_and_says_so(desk):
    guess = desk.tell(GUESS)
    wire = desk.tell(WIRE)
    desk.told()

    desk.do(guess, Action.RESOLVE)
    assert desk.now_of(wire).state is State.RESOLVED
    assert desk.done(wire)[-1] == ("an", "resolve", f"Đóng cùng cảnh báo {guess}. / Closed with alert {guess}.")
    assert desk.told() == [(What.CLOSE, GUESS)]
    desk.tell(WIRE)
    assert desk.found("open") == [WIRE], "it goes on"


@pytest.mark.parametrize("again", [True, False])
def test_what_was_nothing_leaves_what_stood_behind_it_in_the_queue(desk, again):
    guess = desk.tell(GUESS)
    wire = desk.tell(WIRE)
    desk.told()

    desk.do(guess, Action.FALSE_POSITIVE)
    assert (desk.found("open"), desk.told()) == ([WIRE], [(What.CLOSE, GUESS), (What.OPEN, WIRE)])
    assert desk.done(wire)[-1] == ("system", "unfold", guess)
    if again:
        desk.do(guess, Action.REOPEN)
        desk.tell(WIRE)
        assert (desk.found("open"), desk.found("same")) == ([GUESS], [WIRE])


def test_what_is_over_by_itself_leaves_what_is_not_in_the_queue(desk):
    desk.tell(GUESS)
    desk.tell(WIRE)
    desk.tell(GUESS, change="ended", count=0)

    assert desk.found("open") == [WIRE]


def test_whoever_takes_it_up_has_it_in_the_queue_and_keeps_it_there(desk):
    desk.tell(GUESS)
    wire = desk.tell(WIRE)

    taken = desk.do(wire, Action.ACKNOWLEDGE)
    assert (taken.cause, taken.relation) == (None, None)
    desk.tell(WIRE)
    assert desk.found("open") == [GUESS, WIRE]
    desk.do(wire, Action.RESOLVE)
    desk.do(wire, Action.REOPEN)
    desk.tell(WIRE)
    assert desk.found("open") == [GUESS, WIRE], "somebody wants to look at it"


def test_who_forges_a_loud_alert_hides_no_graver_one_and_none_of_another_kind(desk):
    desk.tell(SPRAY, severity="high")
    for rule in ("root_login_from_outside", "web_attack", "inner_host_reaches_many"):
        desk.tell(rule, severity="high")
    desk.tell(GUESS, severity="critical")

    assert desk.found("same") == []


def test_other_rules_put_everything_where_they_say(desk):
    guess, wire = desk.tell(GUESS), desk.tell(WIRE)

    def settled(rules):
        found = folds.misplaced(desk.connection, rules)
        return folds.settle_these(desk.connection, found, rules, desk.now)

    assert settled({}) == 1
    assert (desk.found("open"), desk.now_of(wire).relation) == ([GUESS, WIRE], None)
    assert settled(desk.rules) == 1
    assert desk.now_of(wire).cause == guess
    assert settled(desk.rules) == 0


def test_what_becomes_graver_than_what_stands_for_it_comes_into_the_queue(desk):
    guess, wire = desk.tell(GUESS), desk.tell(WIRE)
    assert desk.now_of(wire).cause == guess

    desk.tell(WIRE, severity="high")
    assert (desk.found("open"), desk.now_of(wire).severity, desk.now_of(wire).priority) == ([WIRE, GUESS], "high", 2)
    desk.tell(WIRE)
    assert desk.now_of(wire).severity == "high"
    desk.tell(GUESS, severity="high")
    assert desk.found("open") == [GUESS]


def test_what_changes_elsewhere_moves_nothing(desk):
    desk.tell("disk_nearly_full")

    assert folds.settle(desk.connection, [], desk.rules, desk.now) == 0
    assert desk.found("open") == ["disk_nearly_full"]


def test_who_guesses_at_one_host_is_still_told_of_as_one_who_searches_the_whole_network(desk):
    desk.tell(GUESS)
    desk.tell("host_scan_on_the_wire", "h2")

    assert sorted(desk.found("open")) == sorted([GUESS, "host_scan_on_the_wire"])
