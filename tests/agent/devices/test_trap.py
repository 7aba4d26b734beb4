# SPDX-License-Identifier: Apache-2.0
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.devices.ber import BerError
from giamsat_agent.devices.trap import DATAGRAM, Trap, answer, decode
from support.notifying import IF_NAME, coded, oid, version_1, version_2


def test_a_notification_of_version_2_has_its_name_and_variables():
    message = version_2(more=coded(0x30, oid(*IF_NAME) + coded(4, b"Gi0/7")))

    assert decode(message) == Trap(
        2, ".1.3.6.1.6.3.1.1.5.3", {".1.3.6.1.2.1.1.3.0": 9, ".1.3.6.1.2.1.31.1.1.1.1.7": b"Gi0/7"}
    )


@pytest.mark.parametrize(
    ("message", "name"),
    [(version_1(2), ".1.3.6.1.6.3.1.1.5.3"), (version_1(6, 41), ".1.3.6.1.4.1.9.0.41")],
    ids=["linkDown", "of an enterprise"],
)
def test_a_trap_of_version_1_is_named_as_version_2_would(message, name):
    found = decode(message)

    assert (found.version, found.oid, found.sender) == (1, name, "192.0.2.7")


def test_an_inform_is_answered_by_itself_as_a_response():
    message = version_2(tag=0xA6)

    assert decode(message).inform
    assert answer(message) == version_2(tag=0xA2)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"", "cut off"),
        (b"\x04\x00", "no SNMP message"),
        (version_2(tag=0xA0), "no notification"),
        (version_2(version=3), "version 3"),
        (version_2(name=(1, 3))[:-1], "claims"),
        (version_1(7), "generic trap 7"),
        (b"\x30\x82\x21\x00" + bytes(DATAGRAM), "at most"),
    ],
)
def test_anything_else_is_refused_with_the_reason(message, said):
    with pytest.raises(BerError, match=said):
        decode(message)


@given(st.binary(max_size=200), st.integers(0, 60))
def test_no_damage_does_more_than_be_refused(noise, at):
    message = version_2()
    with contextlib.suppress(BerError):
        assert decode(message[:at] + noise + message[at + len(noise) :]).version in {1, 2}
