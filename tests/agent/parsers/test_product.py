# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.product import PLAIN, condition, products, read
from giamsat_wire.catalogue import events

TEXT = """
vendor = "V"
product = "P"
programs = ["p", "p-*"]

[values]
keys = ["a", "b"]
where = {v = "x*"}

[columns]
at = 1
T = ["time", "kind", "src"]

[fields]
src = "source.ip"
n = ["rule.id", "rule.name"]

[[event]]
where = {b = ["1", "*two*"], c = ""}
kind = "connection-denied"
set = {"event.outcome" = "failure", "event.type" = ["info", "denied"]}

[[message]]
template = "bye <user.name>"
kind = "user-logout"
"""


def test_named_values_are_the_products_that_has_their_names():
    product = read("p", TEXT)

    assert product.holds({"a": "", "b": "", "v": "XY"})
    assert not product.holds({"a": "", "b": "", "v": "y"})
    assert not product.holds({"a": ""})


def test_the_first_event_whose_conditions_hold_names_the_kind():
    product = read("p", TEXT)

    meaning = product.of_values({"a": "", "b": "a TWO b", "src": "192.0.2.1", "n": "7"})

    assert meaning.kind == "connection-denied"
    assert meaning.fields == {
        "observer.vendor": "V", "observer.product": "P", "source.ip": "192.0.2.1", "rule.id": "7", "rule.name": "7",
        "event.outcome": "failure", "event.type": ("info", "denied"),
    }  # fmt: skip


def test_values_without_an_event_are_a_plain_message():
    assert read("p", TEXT).of_values({"b": "1", "c": "x"}).kind == PLAIN


def test_columns_are_named_by_the_column_that_names_the_kind():
    product = read("p", TEXT)

    assert product.of_columns(["1", "T", "192.0.2.1"]) == {"time": "1", "kind": "T", "src": "192.0.2.1"}
    assert product.of_columns(["1", "X", "2"]) is None
    assert product.of_columns(["1"]) is None


def test_a_message_is_understood_by_the_first_template_that_fits():
    product = read("p", TEXT)

    assert product.of_text("bye bob").fields["user.name"] == "bob"
    assert product.of_text("hello bob") is None


@pytest.mark.parametrize(
    ("wanted", "value", "holds"),
    [
        ("a", "A", True), ("a*", "abc", True), ("*c", "abc", True), ("*b*", "abc", True), ("*", "x", True),
        ("*", "", False), ("", "", True), ("", "x", False), ("a", "ab", False),
    ],
)  # fmt: skip
def test_a_condition_compares_without_case_and_knows_stars(wanted, value, holds):
    assert condition({"x": wanted})({"x": value}) is holds


@pytest.mark.parametrize("product", products(), ids=lambda product: product.name)
def test_every_product_that_is_shipped_says_kinds_that_are_known(product):
    kinds = {said.kind for said in (*product.events, *product.messages)}

    assert kinds <= events().keys()
    assert kinds or product.fields


def test_no_program_belongs_to_two_products():
    names = [name for product in products() for name in product.programs]

    assert len(names) == len(set(names))


def test_a_login_always_says_how_it_ended():
    logins = [
        said
        for product in products()
        for said in (*product.events, *product.messages)
        if said.kind == "user-login" and "event.outcome" not in said.fixed
    ]

    assert logins == []
