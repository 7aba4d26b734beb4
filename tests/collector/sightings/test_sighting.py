# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.errors import RefusedError
from giamsat_collector.sightings.sighting import ADDRESSES, SERVICES, borne, told
from giamsat_wire.record import Event, Sample
from support.sighting import DESK, event

SECOND = 1_000_000_000


def test_an_event_tells_of_a_host_by_the_collectors_clock():
    said = event(addresses=("10.0.0.5", "fe80::5"), services=("tcp/22",), name="ketoan-03", seconds=60, ago_seconds=5)

    found = told("A1", said, 1_000 * SECOND)

    assert (found.asset, found.segment, found.mac, found.name) == ("A1", "eth0", DESK, "ketoan-03")
    assert (found.addresses, found.services) == (("10.0.0.5", "fe80::5"), ("tcp/22",))
    assert (found.first_ns, found.last_ns) == (935 * SECOND, 995 * SECOND)


@pytest.mark.parametrize(
    "said",
    [event(mac="nobody"), event(mac=None), event(segment="a b"), event(segment=None), event(segment="x" * 81)],
    ids=["no address", "none", "a space", "no segment", "too long"],
)
def test_what_names_no_host_or_segment_is_refused(said):
    with pytest.raises(RefusedError):
        told("A1", said, 1)


def test_what_is_no_address_or_service_is_left_out_and_all_is_bounded():
    many = tuple(f"10.0.{number}.1" for number in range(99))
    said = event(
        addresses=("<b>", "fe80::1%\x1b[2J", *many),
        services=("rm -rf", *(f"tcp/{n}" for n in range(99))),
        name="a\nb" + "x" * 99,
    )

    found = told("A1", said, SECOND)

    assert found.addresses == many[: ADDRESSES - 2]
    assert len(found.services) == SERVICES - 1
    assert (found.name[:2], len(found.name)) == ("ab", 64)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), "60"])
def test_a_span_that_is_no_finite_number_is_none(number):
    fields = event().fields | {"giamsat.sighting.seconds": number, "giamsat.sighting.ago_seconds": number}

    found = told("A1", Event("host-sighted", 0, 0, fields), 100 * SECOND)

    assert (found.first_ns, found.last_ns) == (100 * SECOND, 100 * SECOND)


values = st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.text()).map(tuple))
names = st.sampled_from(["addresses", "services", "seconds", "ago_seconds", "vendor_class", "segment"])


@given(st.dictionaries(names.map(lambda name: f"giamsat.sighting.{name}"), values), values, values)
def test_whatever_an_agent_says_is_a_sighting_or_refused(fields, mac, name):
    said = Event("host-sighted", 0, 0, {"source.mac": mac, "source.domain": name, **fields})
    try:
        found = told("A1", said, 10**18)
    except RefusedError:
        return
    assert 0 <= found.first_ns <= found.last_ns <= 10**18


def test_agents_and_the_devices_they_poll_are_known_by_their_addresses():
    def info(device, address):
        return Sample("node_network_info", 1.0, (("address", address), ("device", device)))

    port = Sample("ifPhysAddress", 1.0, (("device", "core-switch"), ("ifPhysAddress", "00:00:0C:01:02:03")))
    samples = (info("eth0", DESK), info("lo", "00:00:00:00:00:00"), info("tun0", ""), port, Sample("up", 1.0))

    assert dict(borne(samples)) == {DESK: "", "00:00:0c:01:02:03": "core-switch"}
