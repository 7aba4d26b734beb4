# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.meraki import values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flows src=203.0.113.9 dst=192.0.2.5 protocol=tcp pattern: deny all", {"meraki.word": "deny"}),
        ("flows src=203.0.113.9 dst=192.0.2.5 protocol=tcp pattern: 0 all", {"meraki.word": "0"}),
        ("flows src=203.0.113.9 dst=192.0.2.5 protocol=tcp pattern: Group Policy Allow", {"meraki.word": "allow"}),
        ("flows src=203.0.113.9 dst=192.0.2.5 protocol=tcp pattern: 10 all", {}),
        ("flows allow src=203.0.113.9 dst=192.0.2.5 protocol=tcp", {"meraki.word": "allow"}),
    ],
)
def test_what_was_done_stands_before_the_pairs_or_at_the_head_of_the_pattern(text, expected):
    told = values(text)

    assert told["src"] == "203.0.113.9"
    assert {name: value for name, value in told.items() if name == "meraki.word"} == expected


def test_what_the_pairs_are_about_names_no_end():
    request = values("urls src=192.0.2.5:63735 dst=203.0.113.9:443 request: GET https://example.com/src=198.51.100.1")
    message = values("security_event ids_alerted src=203.0.113.9:80 decision=allowed message: x, dst=198.51.100.1")

    assert (request["src"], request["meraki.method"]) == ("192.0.2.5:63735", "GET")
    assert request["meraki.url"] == "https://example.com/src=198.51.100.1"
    assert (message["meraki.word"], message["meraki.message"]) == ("ids_alerted", "x, dst=198.51.100.1")
    assert "dst" not in message


@pytest.mark.parametrize(
    "agent",
    [
        "x request: GET http://example.com/harmless",
        "x pattern: deny all",
        "x' meraki.word=deny meraki.type=security_event meraki.url=/ meraki.pattern=p src=198.51.100.1 y='",
    ],
)
def test_the_browsers_name_changes_neither_the_request_nor_what_was_done(agent):
    told = values(f"urls src=192.0.2.5:63735 dst=203.0.113.9:80 agent='{agent}' request: GET http://example.com/?a=1")

    assert {name: value for name, value in told.items() if name.startswith("meraki.")} == {
        "meraki.type": "urls",
        "meraki.method": "GET",
        "meraki.url": "http://example.com/?a=1",
    }
    assert told["src"] == "192.0.2.5:63735"


@pytest.mark.parametrize("text", ["flows", "flows of water", "flowsrc src=a dst=b", "events type=x src=a", ""])
def test_another_message_is_none(text):
    assert values(text) is None
