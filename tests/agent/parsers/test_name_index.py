# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.parsers.name_index import owners
from giamsat_agent.parsers.plan import NAMES_MOST
from giamsat_agent.parsers.product import read

PLAIN = read("plain", '[values]\nkeys = ["a", "b"]\nwhere = {a = "1"}\n')
CARRIED = read(
    "carried", '[[carried]]\nwhere = {v = "x"}\nprefixes = ["FT"]\nnames = {act = "action"}\n[values]\nkeys = ["a"]\n'
)


def owning(find, **values):
    """The products that say these values are theirs, and under which names."""
    found = [(owner.product.name, owner.own(values)) for owner in find(tuple(values))]
    return [(name, own) for name, own in found if own is not None]


def test_values_are_the_product_s_that_has_their_names_and_whose_conditions_hold():
    find = owners((PLAIN,))

    assert owning(find, a="1", b="2", c="3") == [("plain", {"a": "1", "b": "2", "c": "3"})]
    assert owning(find, a="2", b="2", c="3") == []
    assert owning(find, a="1") == []


def test_what_another_form_carries_comes_first_and_under_the_product_s_own_names():
    find = owners((PLAIN, CARRIED))

    assert owning(find, v="X", FTa="1", act="deny") == [("carried", {"v": "X", "a": "1", "action": "deny"})]
    assert [name for name, _ in owning(find, a="1", b="2")] == ["carried", "plain"]


def test_of_two_values_that_get_one_name_the_last_counts():
    assert owning(owners((CARRIED,)), v="x", act="a", action="b") == [("carried", {"v": "x", "action": "b"})]


def test_very_many_names_are_looked_at_and_not_remembered():
    find = owners((PLAIN,))
    values = {"a": "1", "b": "2"} | {f"n{number}": "" for number in range(NAMES_MOST)}

    assert [name for name, _ in owning(find, **values)] == ["plain"]
    assert find(tuple(values)) is not find(tuple(values))
    assert find(("a", "b")) is find(("a", "b"))
