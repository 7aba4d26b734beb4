# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.devices.ports import ADDRESSES_OF_A_PORT, KNOWN, LEARNED_NS, Arrival, Ports, parse, restored, written

LATER = LEARNED_NS + 1


def learned(found, named=()):
    ports = Ports(frozenset(named))
    ports.seen(found, mono_ns=0)
    ports.seen(found, mono_ns=LATER)
    return ports


def test_a_switch_is_learned_before_anything_is_new():
    ports = Ports()

    assert ports.seen({"a": "Gi0/1"}, mono_ns=5) == []
    assert ports.seen({"a": "Gi0/1", "b": "Gi0/2"}, mono_ns=LEARNED_NS) == []
    assert ports.seen({"b": "Gi0/2"}, mono_ns=LATER + 5) == []
    assert ports.seen({"c": "Gi0/1"}, mono_ns=LATER + 6) == [Arrival("c", "Gi0/1", "")]


def test_an_address_is_told_once_for_each_port_it_comes_to():
    ports = learned({"a": "Gi0/1"})

    assert ports.seen({"a": "Gi0/2"}, mono_ns=LATER) == [Arrival("a", "Gi0/2", "Gi0/1")]
    for port in ("Gi0/1", "Gi0/2", "Gi0/1"):
        assert ports.seen({"a": port}, mono_ns=LATER) == []


def test_a_port_with_many_addresses_is_a_trunk_from_then_on():
    crowd = {f"m{number}": "Gi0/24" for number in range(ADDRESSES_OF_A_PORT + 1)}
    ports = learned({"a": "Gi0/1"})

    assert ports.seen(crowd, mono_ns=LATER) == []
    assert ports.seen({"z": "Gi0/24"}, mono_ns=LATER) == []
    assert ports.seen({"z": "Gi0/1"}, mono_ns=LATER) == [Arrival("z", "Gi0/1", "Gi0/24")]


def test_a_port_that_is_named_as_trunk_is_not_judged():
    assert learned({}, named=["Po1"]).seen({"a": "Po1"}, mono_ns=LATER) == []


def test_what_is_remembered_is_bounded_and_the_silent_give_way():
    ports = learned({"old": "Gi0/1", "here": "Gi0/2"})
    ports.seen({**{f"m{number}": "Gi0/24" for number in range(KNOWN - 1)}, "here": "Gi0/2"}, mono_ns=LATER)

    assert (len(ports.known), "here" in ports.known, "old" in ports.known) == (KNOWN, True, False)


def test_ports_that_are_trunks_are_bounded_and_those_that_are_so_now_stay():
    ports = Ports()
    for number in range(0, KNOWN + 1_000, 1_000):
        names = [f"Gi{number + more}" for more in range(1_000)]
        crowds = {f"{name} {mac}": name for name in names for mac in range(ADDRESSES_OF_A_PORT + 1)}
        ports.seen(crowds, mono_ns=0)

    assert len(ports.trunks) == KNOWN
    assert ports.trunks.issuperset(names)


def test_what_is_known_outlives_the_process():
    before = learned({"a": "Gi0/1"})
    after = restored(parse(written({"sw1": before}))["sw1"], ())

    assert after.seen({"a": "Gi0/1", "b": "Gi0/1"}, mono_ns=0) == [Arrival("b", "Gi0/1", "")]


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_file_that_is_none_is_nothing_known(data):
    assert parse(data) == {}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_whatever_a_file_says_a_switch_can_be_looked_at(said):
    ports = restored(json.loads(json.dumps({"known": said, "trunks": said, "learned": said})), ())

    assert isinstance(ports.seen({"a": "Gi0/1"}, mono_ns=0), list)
    assert restored(said, ()).seen({"a": "Gi0/1"}, mono_ns=0) == []
