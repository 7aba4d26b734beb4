# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.access_log import any_request, combined, request

HEAD = "203.0.113.9 - - [23/Nov/2026:16:00:00 +0000] "


def test_a_request_is_the_peers_text_and_the_status_the_servers():
    fields = combined(HEAD + r'"GET /x\" 200 1 \"y HTTP/1.1" 403 5 "-" "-"').fields

    assert fields["http.response.status_code"] == 403


@pytest.mark.parametrize("line", [r"\x16\x03\x01", "", "GET", "-"])
def test_a_request_line_that_is_none_is_still_a_request(line):
    fields = combined(HEAD + f'"{line}" 400 0 "-" "-"').fields

    assert (fields["source.ip"], fields["http.response.status_code"]) == ("203.0.113.9", 400)
    assert "http.request.method" not in fields


def test_a_name_in_front_of_the_peer_is_the_virtual_host():
    fields = combined("x.gov.vn " + HEAD + '"GET / HTTP/2.0" 200 1 "-" "-"').fields

    assert (fields["url.domain"], fields["source.ip"]) == ("x.gov.vn", "203.0.113.9")


def test_a_user_that_the_server_authenticated_is_named():
    line = '203.0.113.9 - bob [23/Nov/2026:16:00:00 +0000] "GET / HTTP/1.1" 200 1'

    assert combined(line).fields["user.name"] == "bob"


@pytest.mark.parametrize("line", ["hello", HEAD, 'x - - [y] "GET / HTTP/1.1" 200 1', HEAD + '"GET /'])
def test_other_lines_are_none(line):
    assert combined(line) is None


@pytest.mark.parametrize(
    "line",
    [
        '| 401 |   505.3µs |   203.0.113.9 | POST     "/a?b=1"',
        "203.0.113.9 POST /a?b=1 took 8ms and returned 401 65 bytes",
        "[client: 203.0.113.9] POST /a?b=1 401",
    ],
)
def test_a_request_in_any_order_is_found(line):
    fields = any_request(line).fields

    assert (fields["source.ip"], fields["url.path"], fields["http.response.status_code"]) == ("203.0.113.9", "/a", 401)


def test_a_line_without_a_status_is_no_request():
    assert any_request("203.0.113.9 GET /a") is None


def test_a_target_with_spaces_is_kept_whole():
    assert request("GET /a b HTTP/1.1")["url.original"] == "/a b"


def test_of_two_clients_neither_is_the_peer():
    line = 'client: 198.51.100.7, client: 203.0.113.9, request: "GET /a HTTP/1.1" 404'

    assert any_request(line) is None
