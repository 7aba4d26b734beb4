# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.ecs_aliases import NAME_CHARACTERS, _kept, fields, meaning, words


@pytest.mark.parametrize(
    "name", ["remote_ip", "visitor_ip", "clientIp", "client.ip", "request.remote_ip", "source.ip", "ipAddress"]
)
def test_the_source_has_many_names(name):
    assert fields({name: "203.0.113.9"})["source.ip"] == "203.0.113.9"


def test_a_name_that_says_more_wins():
    assert fields({"ip": "10.0.0.1", "client_ip": "203.0.113.9"})["source.ip"] == "203.0.113.9"


def test_of_a_list_of_proxies_the_client_counts():
    assert fields({"remote_ip": "203.0.113.9, 10.0.0.1"})["source.ip"] == "203.0.113.9"


def test_method_path_and_status_are_a_request():
    found = meaning({"method": "GET", "path": "/a?b", "status": "404", "remote_addr": "203.0.113.9"})

    assert (found.kind, found.fields["url.path"], found.fields["http.response.status_code"]) == (
        "http-request",
        "/a",
        404,
    )


def test_a_request_line_is_a_method_and_a_target():
    found = meaning({"request": "GET /a?b HTTP/1.1", "status": "404", "remote_addr": "203.0.113.9"})

    assert (found.fields["http.request.method"], found.fields["url.path"]) == ("GET", "/a")
    assert meaning({"request": "GET of something", "status": "404", "remote_addr": "203.0.113.9"}) is None


def test_words_are_read_whatever_they_are_nested_in():
    assert words({"data.msg": "login failed", "error": "bad password", "n": "1"}) == "login failed bad password"


def test_values_that_tell_nothing_mean_nothing():
    assert meaning({"a": "1", "msg": "started"}) is None


def test_a_name_that_is_too_long_to_be_remembered_is_understood_too():
    name = f"{'nested.' * NAME_CHARACTERS}client_ip"
    before = _kept.cache_info().currsize

    assert fields({name: "203.0.113.9"})["source.ip"] == "203.0.113.9"
    assert _kept.cache_info().currsize == before


def test_a_finding_stands_at_the_top_because_what_a_client_sent_is_nested():
    assert meaning({"virus_name": "W32/Made.Up-1", "file": "a"}).kind == "malware-detected"
    assert meaning({"query.malware": "W32/Made.Up-1", "query.virus_name": "x", "query.file": "a", "file": "b"}) is None
