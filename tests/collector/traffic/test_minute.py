# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.errors import RefusedError
from giamsat_collector.traffic.minute import LINES, as_json, told
from support.flowing import NAMES, SECOND_NS, WEB, event


def test_an_event_tells_of_a_minute_by_the_collectors_clock():
    found = told("A1", event(f"{WEB.line()}\n{NAMES.line()}", WEB.line()), 1_000 * SECOND_NS)

    assert (found.asset, found.interface, found.rows) == ("A1", "eth0", (WEB, NAMES, WEB))
    assert (found.start_ns, found.end_ns) == (940 * SECOND_NS, 1_000 * SECOND_NS)
    assert (found.rest_flows, found.rest_packets, found.rest_bytes) == (7, 8, 9)


@pytest.mark.parametrize(
    "said",
    [event("no flow"), event(lines="text"), event(*[WEB.line()] * (LINES + 1))],
    ids=["a line that is none", "no lines", "too many"],
)
def test_what_is_no_minute_is_refused(said):
    with pytest.raises(RefusedError):
        told("A1", said, 1)


values = st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.text()).map(tuple))
names = st.sampled_from(["seconds", "lines", "rest.flows", "rest.packets", "rest.bytes"])


@given(st.dictionaries(names, values))
def test_whatever_an_agent_says_is_a_minute_or_refused(said):
    try:
        found = told("A1", event(**said), 10**18)
    except RefusedError:
        return
    assert found.end_ns - 600 * SECOND_NS <= found.start_ns <= found.end_ns
    assert 0 <= min(found.rest_flows, found.rest_packets, found.rest_bytes) < 1 << 63


def test_a_flow_has_the_shape_that_the_agent_prints_with_who_saw_it():
    shape = as_json("A1", "eth0", 60 * SECOND_NS, WEB)

    assert shape["source"] == {"ip": "10.0.0.5", "port": 50_000, "packets": 12, "bytes": 3_400}
    assert shape["destination"] == {
        "ip": "203.0.113.7",
        "port": 443,
        "packets": 10,
        "bytes": 90_000,
        "domain": "tep.example.vn",
    }
    assert shape["network"] == {"transport": "tcp", "packets": 22, "bytes": 93_400}
    assert shape["event"] == {
        "start": "1970-01-01T00:01:00.120Z",
        "end": "1970-01-01T00:01:59.120Z",
        "duration": 59 * SECOND_NS,
    }
    assert (shape["tcp"], shape["agent"]) == ({"flags": "FSPA"}, {"id": "A1"})
