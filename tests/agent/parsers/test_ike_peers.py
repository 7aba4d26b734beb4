# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

import pytest

from giamsat_agent.parsers.ike_peers import CONNECTIONS_KEPT
from giamsat_agent.parsers.recognizer import Recognizer

NOW_NS = 1_795_449_600 * 10**9
RECEIVED = "06[NET] <{c}> received packet: from {ip}[4500] to 198.51.100.1[4500] (144 bytes)"
FAILED = "06[IKE] <{c}> EAP-MS-CHAPv2 verification failed, retry (1)"


@pytest.fixture
def read():
    recognizer = Recognizer(zone=UTC, origin={})

    def reading(said):
        line = f"<30>1 2026-11-23T16:00:00+00:00 gw charon 9 - - {said}".encode()
        (found,) = recognizer.recognize(line, key=line, now_ns=NOW_NS, mono_ns=1)
        return found.event

    return reading


def test_a_failed_login_has_the_address_of_its_connection(read):
    read(RECEIVED.format(c="83", ip="203.0.113.9"))
    read(RECEIVED.format(c="can-bo|84", ip="203.0.113.10"))

    for connection, address in (("can-bo|83", "203.0.113.9"), ("can-bo|84", "203.0.113.10")):
        event = read(FAILED.format(c=connection))
        assert (event.kind, event.fields["event.outcome"]) == ("user-login", "failure")
        assert event.fields["source.ip"] == address


def test_a_connection_nobody_heard_of_has_no_address(read):
    read(RECEIVED.format(c="83", ip="not-an-address"))

    assert "source.ip" not in read(FAILED.format(c="83")).fields
    assert "source.ip" not in read(FAILED.format(c="85")).fields


def test_an_address_that_the_line_names_counts(read):
    read(RECEIVED.format(c="83", ip="203.0.113.9"))

    event = read("06[IKE] <x|83> EAP method EAP_MSCHAPV2 failed for peer 203.0.113.77")
    assert event.fields["source.ip"] == "203.0.113.77"


def test_what_is_remembered_is_bounded(read):
    for number in range(CONNECTIONS_KEPT + 1):
        read(RECEIVED.format(c=number, ip="203.0.113.9"))

    assert "source.ip" not in read(FAILED.format(c=0)).fields
    assert "source.ip" in read(FAILED.format(c=1)).fields
