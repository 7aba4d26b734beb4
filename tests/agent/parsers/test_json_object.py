# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.json_object import values
from giamsat_agent.parsers.parsed_line import VALUES_MOST


def test_nested_names_are_joined_and_lists_too():
    assert values('{"a":{"b":1,"c":[true,"x"]},"d":null}') == {"a.b": "1", "a.c": "true,x"}


def test_a_list_of_named_values_is_read_by_its_names():
    assert values('{"params":[{"key":"user","value":{"login":"bob"}}]}') == {"params.user.login": "bob"}


@pytest.mark.parametrize("text", ["{", "[1]", '{"a":}', '{"a":' * 5000])
def test_what_is_no_object_is_none(text):
    assert values(text) is None


def test_depth_and_number_are_bounded():
    deep = '{"a":' * 50 + "1" + "}" * 50
    wide = "{" + ",".join(f'"k{number}":1' for number in range(3 * VALUES_MOST)) + "}"

    assert values(deep) == {}
    assert len(values(wide)) == VALUES_MOST
