# SPDX-License-Identifier: Apache-2.0
import tomllib
from importlib import resources

import pytest

from giamsat_agent.parsers.plan import PLAIN, REST_MOST, of_values
from giamsat_agent.parsers.product import products, read
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

[nothing]
src = "none*"

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

    assert product.own({"a": "", "b": "", "v": "XY"}) == {"a": "", "b": "", "v": "XY"}
    assert product.own({"a": "", "b": "", "v": "y"}) is None
    assert product.own({"a": ""}) is None


def test_values_that_another_form_carries_get_the_products_own_names():
    product = read("p", '[[carried]]\nwhere = {"cef.vendor" = "V"}\nprefixes = ["VEN"]\nnames = {act = "action"}\n')

    assert product.own({"cef.vendor": "v", "VENpolicyid": "7", "act": "deny", "src": "192.0.2.1"}) == {
        "cef.vendor": "v", "policyid": "7", "action": "deny", "src": "192.0.2.1",
    }  # fmt: skip
    assert product.own({"cef.vendor": "w"}) is None


def test_what_stands_inside_a_value_is_a_field_where_no_value_of_its_own_says_it():
    product = read("p", '[fields]\nip = "source.ip"\n[inside]\nui = "<:word>(<source.ip:ip>)"\n')

    assert of_values(product, {"ui": "ssh(192.0.2.1)"}).fields["source.ip"] == "192.0.2.1"
    assert of_values(product, {"ui": "ssh(192.0.2.1)", "ip": "192.0.2.2"}).fields["source.ip"] == "192.0.2.2"
    assert "source.ip" not in of_values(product, {"ui": "console"}).fields


def test_a_name_may_mean_a_field_in_one_event_alone():
    product = read("p", '[[event]]\nwhere = {k = "url"}\nkind = "url-blocked"\nfields = {m = "url.original"}\n')

    assert of_values(product, {"k": "url", "m": "/x"}).fields["url.original"] == "/x"
    assert "url.original" not in of_values(product, {"k": "file", "m": "/x"}).fields


def test_the_first_event_whose_conditions_hold_names_the_kind():
    product = read("p", TEXT)

    meaning = of_values(product, {"a": "", "b": "a TWO b", "src": "192.0.2.1", "n": "7"})

    assert meaning.kind == "connection-denied"
    assert meaning.fields == {
        "observer.vendor": "V", "observer.product": "P", "source.ip": "192.0.2.1", "rule.id": "7", "rule.name": "7",
        "event.outcome": "failure", "event.type": ("info", "denied"),
    }  # fmt: skip


def test_values_without_an_event_are_a_plain_message():
    assert of_values(read("p", TEXT), {"b": "1", "c": "x"}).kind == PLAIN


def test_columns_are_named_by_the_column_that_names_the_kind():
    product = read("p", TEXT)

    assert product.of_columns(["1", "T", "192.0.2.1"]) == {"time": "1", "kind": "T", "src": "192.0.2.1"}
    assert product.of_columns(["1", "X", "2"]) is None
    assert product.of_columns(["1"]) is None


def test_a_message_is_understood_by_the_first_template_that_fits():
    product = read("p", TEXT)

    assert product.of_text("bye bob").fields["user.name"] == "bob"
    assert product.of_text("hello bob") is None


@pytest.mark.parametrize("product", products(), ids=lambda product: product.name)
def test_every_product_that_is_shipped_says_kinds_that_are_known(product):
    kinds = {said.kind for said in (*product.events, *product.messages)}

    assert kinds <= events().keys()
    assert kinds or product.fields


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[mesage]]\ntemplate = "a"\nkind = "user-login"\n', "p.toml: mesage: not known"),
        ('[[message]]\ntemplate = "a"\nkind = "user-login"\nsets = {}\n', r"p.toml, \[\[message\]\]: sets: not known"),
        ('[values]\nkeys = ["a"]\nwhen = {a = "1"}\n', "when: not known; known are .*where"),
    ],
)
def test_a_word_that_stands_for_nothing_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        read("p", text)


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


def test_a_value_that_says_there_is_none_is_no_field():
    product = read("p", TEXT)

    assert of_values(product, {"src": "None at all", "n": "7"}).fields.keys() >= {"rule.id"}
    assert "source.domain" not in of_values(product, {"src": "None at all"}).fields
    assert of_values(product, {"src": "nobody"}).fields["source.domain"] == "nobody"


def test_values_without_a_field_keep_their_names_where_the_product_says_so_and_are_bounded():
    product = read("p", '[values]\nkeys = ["Id"]\nrest = "p.data."\n[fields]\nId = "event.code"\n')
    values = {"Id": "7", "Other": "x", "Empty": "-", "not_its_own": "x"}
    many = {"Id": "7", **{f"Value{number}": "x" for number in range(REST_MOST + 9)}}

    assert of_values(product, values).fields == {"event.code": "7", "p.data.Other": "x"}
    assert len(of_values(product, many).fields) == REST_MOST + 1


def test_a_mark_that_stands_twice_was_written_by_a_peer_and_the_template_does_not_fit():
    product = read(
        "p",
        '[[message]]\ntemplate = "user <user.name:text>: refused, client: <source.ip>,"\nkind = "user-login"\n'
        'once = ", client: "\nset = {"event.outcome" = "failure"}\n',
    )

    assert product.of_text("user bob: refused, client: 203.0.113.9, x").fields["source.ip"] == "203.0.113.9"
    assert product.of_text("user a: refused, client: 198.51.100.7, : refused, client: 203.0.113.9, x") is None


def test_an_event_of_windows_means_the_same_as_windows_writes_it_and_as_winlogbeat_ships_it():
    own = {"EventID": "winlog.event_id", "Provider": "winlog.provider_name", "Keywords": "winlog.keywords"}
    written, shipped = (
        tomllib.loads(resources.files("giamsat_agent.parsers.products").joinpath(f"windows_{form}.toml").read_text())
        for form in ("xml", "winlogbeat")
    )

    def named(values):
        return {own.get(name, f"winlog.event_data.{name}"): value for name, value in values.items()}

    assert shipped["event"] == [
        {**row, **{part: named(row[part]) for part in ("where", "fields") if part in row}}
        for row in (
            {**row, "where": {k: v for k, v in row["where"].items() if k != "SourceName"}} for row in written["event"]
        )
        if "TerminalServices" not in str(row["where"])
    ]
