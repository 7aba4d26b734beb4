# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.cef import cef, leef


def test_a_value_of_an_extension_goes_on_to_the_next_key():
    values = cef(r"CEF:0|Ven\|dor|P|1|100|Name|5|msg=a b c src=192.0.2.1 x=1\=2")

    assert values["cef.vendor"] == "Ven|dor"
    assert (values["msg"], values["src"], values["x"]) == ("a b c", "192.0.2.1", "1=2")


def test_a_custom_value_goes_by_its_label_too():
    values = cef("CEF:0|V|P|1|100|Name|5|cs1Label=Rule cs1=web cs2Label=Empty src=192.0.2.1")

    assert (values["Rule"], values["cs1"]) == ("web", "web")
    assert "Empty" not in values


def test_a_label_never_takes_the_place_of_a_value():
    assert cef("CEF:0|V|P|1|100|Name|5|cs1Label=src cs1=198.51.100.1 src=192.0.2.1")["src"] == "192.0.2.1"


def test_a_header_without_an_extension_is_whole():
    assert cef("CEF:0|V|P|1|100|Name|5|")["cef.name"] == "Name"


@pytest.mark.parametrize("text", ["CEF:0|V|P", "CEF:"])
def test_a_broken_header_is_none(text):
    assert cef(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "LEEF:1.0|V|P|1|drop|src=192.0.2.1\tdst=192.0.2.2",
        "LEEF:2.0|V|P|1|drop|^|src=192.0.2.1^dst=192.0.2.2",
        "LEEF:2.0|V|P|1|drop|0x5e|src=192.0.2.1^dst=192.0.2.2",
        "LEEF:1.0|V|P|1|drop|src=192.0.2.1|dst=192.0.2.2",
        "LEEF:2.0|V|P|1|drop|x7C|src=192.0.2.1|dst=192.0.2.2",
    ],
)
def test_leef_is_read_with_its_delimiter(text):
    values = leef(text)

    assert (values["leef.id"], values["src"], values["dst"]) == ("drop", "192.0.2.1", "192.0.2.2")


def test_a_broken_leef_header_is_none():
    assert leef("LEEF:1.0|V") is None


def test_a_bar_inside_one_value_divides_nothing():
    assert leef("LEEF:1.0|V|P|1|drop|url=http://a/?b|c\tdst=192.0.2.2")["url"] == "http://a/?b|c"
    assert leef("LEEF:1.0|V|P|1|drop|src=192.0.2.1\tmsg=a=b|c=d")["msg"] == "a=b|c=d"
