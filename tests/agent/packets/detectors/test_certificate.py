# SPDX-License-Identifier: Apache-2.0
import pytest

from support.capture import CLIENT, SERVER, breaches, pcap
from support.handshakes import certificate, segments, spoken

INSIDE = "10.0.0.80"


@pytest.mark.parametrize(
    ("made", "faults"),
    [
        ({}, set()),
        ({"ends": -1}, {"expired"}),
        ({"begins": 1}, {"not yet valid"}),
        ({"issued": False}, {"self-signed"}),
        ({"ends": -1, "issued": False}, {"expired", "self-signed"}),
    ],
)
def test_a_certificate_that_does_not_hold_is_told(tmp_path, made, faults):
    turns = spoken(certificate(tmp_path, **made))

    told = breaches(pcap(tmp_path / "x", segments(CLIENT, INSIDE, turns, most=600)))

    assert {one.about["giamsat.policy.subject"] for one in told} == faults
    assert {(one.name, one.targets[0].ip, one.targets[0].port) for one in told} <= {("bad_certificate", INSIDE, 443)}
    assert breaches(pcap(tmp_path / "y", segments(CLIENT, SERVER, turns))) == ()
