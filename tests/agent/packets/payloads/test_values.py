# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.payloads.values import LONGEST, Body, Values, body_of


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"application/x-www-form-urlencoded", Body.FORM),
        (b"application/problem+json", Body.JSON),
        (b"text/xml", Body.XML),
        (b"multipart/form-data", Body.PARTS),
        (b"application/octet-stream", Body.OTHER),
        (b"application/x-ndjson", Body.OTHER),
        (b"text/html", Body.OTHER),
    ],
)
def test_what_a_body_is_follows_from_its_type(kind, body):
    assert body_of(kind) is body


@pytest.mark.parametrize(
    ("body", "text", "held"),
    [
        (Body.FORM, b"a=1&b=x'='y&c", [b"1", b"x'='y", b"c"]),
        (Body.JSON, b'{"a": "say \\"x\\"", "b": 2}', [b"a", b'say "x"', b"b"]),
        (Body.XML, b"<a>one</a><b>two</b>", [b"one", b"two"]),
    ],
)
def test_the_values_are_what_stands_between_the_signs_of_the_language(body, text, held):
    found = Values().take(body, text)

    assert [value for value in held if value in found] == held


def test_a_value_that_is_cut_is_joined_and_one_that_grows_too_long_is_left_out_to_its_end():
    values, long = Values(), Values()

    assert values.take(Body.FORM, b"a=one tw") == [b"one tw"]
    assert values.take(Body.FORM, b"o&b=2") == [b"one two", b"2"]
    assert long.take(Body.FORM, b"a=" + b"x" * LONGEST) == []
    assert long.take(Body.FORM, b"more of it") == []
    assert long.take(Body.FORM, b"and its end&b=2") == [b"2"]
