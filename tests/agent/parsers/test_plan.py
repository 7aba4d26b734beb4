# SPDX-License-Identifier: Apache-2.0
"""What a plan remembers of lines before must change nothing of the lines after them."""

from giamsat_agent.parsers.plan import ASKED_CHARACTERS, EVENTS_KEPT, NAMES_MOST, PLAIN, REST_MOST, Plan, planned
from giamsat_agent.parsers.product import read

TEXT = """
product = "P"

[fields]
src = "source.ip"
first = "user.name"
second = "user.name"

[nothing]
first = "none*"

[[event]]
where = {kind = "deny*"}
kind = "connection-denied"

[[event]]
where = {kind = "url"}
kind = "url-blocked"
fields = {what = "url.original"}

[[event]]
where = {kind = "link", message = "*down*"}
kind = "link-down"

[[event]]
where = {kind = "link", message = "*up*"}
kind = "link-up"
"""
PRODUCT = read("p", TEXT)


def meaning(plan, **values):
    return plan.meaning(values)


def test_lines_of_the_same_names_are_told_each_by_its_own_values():
    plan = Plan(PRODUCT, ("kind", "src"))
    kinds = ("deny it", "x", "DENY", "url", "deny it")

    told = [meaning(plan, kind=kind, src=f"192.0.2.{place}") for place, kind in enumerate(kinds)]

    denied = "connection-denied"
    assert [each.kind for each in told] == [denied, PLAIN, denied, "url-blocked", denied]
    assert [each.fields["source.ip"] for each in told] == [f"192.0.2.{place}" for place in range(5)]


def test_a_value_that_says_there_is_none_leaves_the_field_to_the_next():
    plan = Plan(PRODUCT, ("first", "second"))

    assert meaning(plan, first="none today", second="b").fields["user.name"] == "b"
    assert meaning(plan, first="a", second="b").fields["user.name"] == "a"
    assert meaning(plan, first="", second="b").fields["user.name"] == "b"


def test_a_name_means_a_field_in_one_event_and_not_in_the_next():
    plan = Plan(PRODUCT, ("kind", "what"))

    assert meaning(plan, kind="url", what="/a").fields["url.path"] == "/a"
    assert "url.path" not in meaning(plan, kind="deny", what="/a").fields


def test_the_words_of_each_line_tell_what_its_values_leave_open():
    plan = Plan(PRODUCT, ("kind", "message"))
    said = ("is down", "is up", "is shut", "went down and up", "is up")

    told = [meaning(plan, kind="link", message=words).kind for words in said]

    assert told == ["link-down", "link-up", PLAIN, "link-down", "link-up"]


def test_ever_new_values_and_long_ones_are_told_and_not_all_kept():
    plan = Plan(PRODUCT, ("kind",))

    for number in range(3 * EVENTS_KEPT):
        assert meaning(plan, kind=f"deny {number}").kind == "connection-denied"
    kept = len(plan._events)
    assert meaning(plan, kind="deny" + "y" * ASKED_CHARACTERS).kind == "connection-denied"

    assert kept <= EVENTS_KEPT
    assert len(plan._events) == kept


def test_values_without_a_field_keep_their_names_up_to_a_number():
    names = tuple(f"d.Name{number}" for number in range(REST_MOST + 5))
    plan = Plan(read("p", '[values]\nrest = "d."\n'), names)

    assert plan.meaning(dict.fromkeys(names, "x")).fields == dict.fromkeys(names[:REST_MOST], "x")


def test_a_plan_is_made_once_for_names_but_for_very_many():
    few, many = ("a", "b"), tuple(f"n{number}" for number in range(NAMES_MOST + 1))

    assert planned(PRODUCT, few) is planned(PRODUCT, ("a", "b"))
    assert planned(PRODUCT, few) is not planned(PRODUCT, ("b", "a"))
    assert planned(PRODUCT, many) is not planned(PRODUCT, many)


def test_what_a_name_means_in_one_event_it_means_in_place_of_what_it_means_elsewhere():
    text = TEXT.replace('fields = {what = "url.original"}', 'fields = {first = "user.target.name"}')

    said = Plan(read("p", text), ("kind", "first")).meaning({"kind": "url", "first": "an"})

    assert said.fields == {"user.target.name": "an", "observer.product": "P"}
