# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import event

from giamsat_collector import first_seen
from giamsat_collector.first_seen import LETTERS, Known, topic
from giamsat_rules.rule import History, Owner


def test_values_are_kept_with_when_they_were_seen_first_and_last(connection):
    first_seen.keep(connection, {("t", "a", ("x", "1")): 10, ("t", "a", ("y",)): 20})
    first_seen.keep(connection, {("t", "a", ("x", "1")): 30, ("t", "b", ("z",)): 30})

    assert first_seen.every(connection) == [
        Known("t", "a", ("y",), 20, 20),
        Known("t", "a", ("x", "1"), 10, 30),
        Known("t", "b", ("z",), 30, 30),
    ]
    assert [one.values for one in first_seen.every(connection, before_ns=20)] == [("x", "1")]


@pytest.mark.parametrize("value", ["\0", "\ud800", "\x1f", '"', "Nghệ An", ""])
def test_any_text_comes_back_as_it_was(connection, value):
    first_seen.keep(connection, {("t", "a", (value, "|")): 1})

    assert [one.values for one in first_seen.every(connection)] == [(value, "|")]


def test_what_is_forgotten_goes_and_what_is_too_long_is_not_kept(connection):
    first_seen.keep(connection, {("t", "a", ("x",)): 1, ("t", "a", ("y",)): 1, ("t", "a", ("z" * LETTERS,)): 1})
    first_seen.keep(connection, {("t", "a", ("x",)): None, ("t", "b", ("x",)): None})

    assert [one.values for one in first_seen.every(connection)] == [("y",)]


def test_however_many_are_forgotten_they_are_one_call(connection):
    first_seen.keep(connection, {("t", "a", (str(number),)): 1 for number in range(100)})
    calls = []
    event.listen(connection, "before_cursor_execute", lambda *said: calls.append(said[2].split()[0]))

    first_seen.keep(connection, {("t", "a", (str(number),)): None for number in range(1, 100)})

    assert calls == ["DELETE"]
    assert [one.values for one in first_seen.every(connection)] == [("0",)]


def test_what_was_not_seen_since_is_let_go_of(connection):
    first_seen.keep(connection, {("t", "a", ("x",)): 1, ("t", "a", ("w",)): 2, ("t", "a", ("y",)): 5})
    gone = [first_seen.forget(connection, 5, most=1) for _ in range(3)]

    assert gone == [1, 1, 0]
    assert [one.values for one in first_seen.every(connection)] == [("y",)]


def test_a_rule_that_comes_to_ask_for_something_else_begins_anew():
    asked = [
        topic("new", History(("source.ip",), Owner.ASSET, 1.0, 1.0)),
        topic("new", History(("source.ip",), Owner.UNIT, 1.0, 1.0)),
        topic("new", History(("source.ip", "user.name"), Owner.ASSET, 1.0, 1.0)),
        topic("other", History(("source.ip",), Owner.ASSET, 1.0, 1.0)),
    ]

    assert len(set(asked)) == len(asked)
    assert topic("new", History(("source.ip",), Owner.ASSET, 2.0, 3.0)) == asked[0]
    assert len(topic("n" * 500, History(("source.ip",), Owner.ASSET, 1.0, 1.0))) <= 100
