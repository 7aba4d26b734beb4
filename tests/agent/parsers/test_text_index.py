# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.product import products, read
from giamsat_agent.parsers.text_index import TextIndex

ONE = read("one", '[[message]]\ntemplate = "bye <user.name>"\nkind = "user-logout"')
TWO = read("two", '[[message]]\ntemplate = "<user.name> went away"\nkind = "user-logout"')


def test_a_template_is_found_by_its_beginning_or_by_its_longest_text():
    index = TextIndex([ONE, TWO])

    assert index.find(["bye bob"], line="x bye bob")[0].name == "one"
    assert index.find(["bob went away"], line="bob went away")[0].name == "two"
    assert index.find(["bob stayed"], line="bob stayed") is None


LED = read("led", '[[message]]\ntemplate = "<:text>[**] <:text> [**] <source.ip:ip> ->"\nkind = "intrusion-detected"')
ALERT = "[**] made up [**] 203.0.113.9 -> 192.0.2.5"


@pytest.mark.parametrize(
    ("lead", "program", "found"),
    [
        ("", "", True),
        ("11/23/2026-16:00:00.000000  ", "", True),
        ("<ERROR> Nov 23 16:00:00 ", "tag", True),
        ("2026-11-23 16:00:00 INFO Logon  ", "", True),
        ("order of ", "shop", False),
        ("somebody ordered a ", "", False),
        ("said: ", "shop", False),
    ],
)
def test_what_stands_in_another_programs_sentence_is_not_that_products(lead, program, found):
    index = TextIndex([LED])

    assert (index.find([lead + ALERT], line=lead + ALERT, program=program) is not None) is found


def test_every_template_that_is_shipped_is_in_the_index():
    index = TextIndex(products())
    fixed = (each for groups in index._by_first.values() for _, several in groups for each in several)
    by_literal = (each.candidates for each in fixed)
    held = [said for each in (*index._by_head.values(), *index._by_code.values(), *by_literal) for _, said in each]

    assert len(held) == sum(len(product.messages) for product in products())


def test_a_message_is_looked_up_by_its_mnemonic():
    texts = ("%<:facility>-<:int>-302013: Built <user.name>", "%<:facility>-<:int>-302014: Gone <user.name>")
    messages = "\n".join(f'[[message]]\ntemplate = "{text}"\nkind = "k{n}"' for n, text in enumerate(texts))
    index = TextIndex([read("p", messages)])

    for line in ("%ASA-6-302014: Gone bob", "%ASA-session-6-302014: Gone bob"):
        assert index.find([line], line=line)[1].kind == "k1"
    assert index.find(["%ASA-6-302013: Gone bob"], line="%ASA-6-302013: Gone bob") is None


def test_templates_that_share_a_piece_are_found_in_the_order_of_their_products():
    texts = [f"<:text>bad login {word} <user.name>" for word in ("one", "two", "three")]
    messages = "\n".join(f'[[message]]\ntemplate = "{text}"\nkind = "k{n}"' for n, text in enumerate(texts))
    index = TextIndex([read("p", messages)])

    assert [len(several) for _, several in index._by_first[""]] == [3]
    assert index.find(["a bad login two bob"], line="a bad login two bob")[1].kind == "k1"
    assert index.find(["a bad logout two bob"], line="a bad logout two bob") is None


def test_a_template_with_one_character_before_its_hole_is_found_by_it():
    product = read("p", '[[message]]\ntemplate = "%<:word>-7: bye <user.name>"\nkind = "user-logout"\n')
    index = TextIndex([product])

    assert index.find(["%A-7: bye bob"], line="%A-7: bye bob")[1].fields["user.name"] == "bob"
    assert index.find(["A-7: bye bob"], line="A-7: bye bob") is None
