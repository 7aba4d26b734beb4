# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.parsers.unknown_product import by_words, placed

LOGIN = "login failed for user an from 203.0.113.9"


def test_a_request_is_told_by_where_its_parts_stand():
    name, meaning = placed(["203.0.113.9 GET /a took 8ms and returned 401"])

    assert (name, meaning.kind, meaning.fields["source.ip"]) == ("request", "http-request", "203.0.113.9")


def test_a_login_in_anybodys_words_is_unverified_where_a_relay_passed_it_on():
    told = [by_words([LOGIN], line=LOGIN, relayed=relayed)[1].fields for relayed in (True, False)]

    assert [fields.get("giamsat.unverified") for fields in told] == [True, None]


def test_what_says_nothing_is_nothing():
    assert placed(["hello"]) is None
    assert by_words(["hello"], line="hello", relayed=True) is None
