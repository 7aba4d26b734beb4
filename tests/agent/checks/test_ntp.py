# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from giamsat_agent.check import Failure, Run
from giamsat_agent.checks.ntp import EPOCH_S, ERA, NtpCheck, understand
from support.checking import once, settings, values
from support.clock import ManualClock
from support.daemons import time_server


@pytest.mark.peer("chronyd")
async def test_a_real_time_server_tells_how_far_the_clock_is_off(tmp_path):
    with time_server(tmp_path, stratum=5) as port:
        result = await once(what="ntp", target=f"127.0.0.1:{port}")
        higher = await once(what="ntp", target=f"127.0.0.1:{port}", stratum_most=4)

    found = values(result)
    assert result.reason == ""
    assert found["node_ntp_stratum"] == 5
    assert abs(found["node_ntp_offset_seconds"]) < 0.05
    assert 0 <= found["node_ntp_rtt_seconds"] < 1
    assert higher.reason == "its stratum is 5, more than 4"


@pytest.mark.peer("chronyd")
async def test_a_server_without_a_reference_is_not_believed(tmp_path):
    with time_server(tmp_path, stratum=0) as port:
        result = await once(what="ntp", target=f"127.0.0.1:{port}")

    assert result.failure is Failure.WRONG_ANSWER
    assert "not synchronised itself" in result.reason
    assert "node_ntp_offset_seconds" not in values(result)


def stamp(unix_s):
    return int((unix_s + EPOCH_S) * ERA) % (ERA * ERA)


def test_an_answer_counts_only_when_it_repeats_the_cookie():
    cookie = b"12345678"
    packet = struct.pack(
        "!BBbbII4sQ8sQQ", 0b00_100_100, 2, 0, 0, 0, 0, b"GPS\0", stamp(5), cookie, stamp(10), stamp(11)
    )

    told = understand(packet, cookie)

    assert (told.received_s, told.sent_s, told.stratum) == (10, 11, 2)
    assert understand(packet, b"87654321") is None
    assert understand(packet[:47], cookie) is None
    assert understand(b"\x23" + packet[1:], cookie) is None


def test_the_check_is_built_of_its_settings():
    assert Run(ManualClock()).samples == ()
    assert NtpCheck(settings(what="ntp", target="127.0.0.1"))
