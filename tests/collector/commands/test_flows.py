# SPDX-License-Identifier: Apache-2.0
import json

from giamsat_collector.errors import RefusedError
from giamsat_collector.traffic.minute import as_json
from support.console_line import line
from support.flowing import SIX, WEB

FOUND = {
    "flows": [as_json("A1", "eth0", 0, row) for row in (WEB, SIX)],
    "minutes": 60,
    "bytes": 94_200,
    "others_bytes": 77,
    "more": True,
}


def test_flows_are_found_by_address_port_host_and_time(tmp_path):
    with line(tmp_path, flows__search=FOUND) as here:
        result = here.run("flows", "search", "--address", "10.0.0.5", "--port", "443", "--host", "A1", "--since", "2h")

    (name, asked) = here.asked[0]
    assert (name, asked["address"], asked["port"], asked["asset"]) == ("flows.search", "10.0.0.5", 443, "A1")
    assert 7_200 <= (asked["until_ns"] - asked["since_ns"]) / 10**9 < 7_202
    assert "10.0.0.5:50000 → 203.0.113.7:443" in result.stdout
    assert "tep.example.vn" in result.stdout
    assert "2001:db8::5 → 2001:db8::1" in result.stdout
    assert "60 phút" in result.stderr
    assert "77 byte" in result.stderr
    assert "--limit" in result.stderr


def test_they_are_one_json_object_a_line(tmp_path):
    with line(tmp_path, flows__search=FOUND) as here:
        result = here.run("flows", "search", "--json")

    assert [json.loads(each) for each in result.stdout.splitlines()] == FOUND["flows"]


def test_without_any_minute_the_next_step_is_said_and_wrong_words_are_one_message(tmp_path):
    with line(tmp_path, flows__search={**FOUND, "flows": [], "minutes": 0}) as here:
        assert "[packets] interfaces" in here.run("flows", "search").stderr
        result = here.run("flows", "search", "--since", "1h", "--until", "2020-01-01")

    assert isinstance(result.exception, RefusedError)
