# SPDX-License-Identifier: Apache-2.0
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.anomaly import TARGETS, Anomaly, Severity, Target
from giamsat_agent.packets.telling.report import (
    MESSAGE_BYTES,
    Counted,
    Found,
    ReportError,
    Sight,
    decode,
    encode,
    found,
)

SCAN = Anomaly(
    name="scan_tcp_vertical",
    severity=Severity.MEDIUM,
    words=("quét", "scanned"),
    source_ip="203.0.113.9",
    first_ns=1,
    last_ns=2,
    targets=[Target("198.51.100.7", port) for port in range(1, 1_001)],
    counts={"packets": 1_000},
)


@pytest.mark.parametrize(
    "report",
    [found("eth0", SCAN), Counted("eth0", 1 << 40, 0, 3), Sight("eth0", watched=False, reason="không có quyền")],
)
def test_what_is_told_is_what_is_heard(report):
    assert decode(encode(report)) == report


def test_a_large_anomaly_names_some_targets_counts_all_and_fits_into_a_message():
    report = found("eth0", SCAN)

    assert (len(report.targets), report.counts) == (TARGETS, {"targets": 1, "ports": 1_000, "packets": 1_000})
    assert len(encode(report)) < MESSAGE_BYTES


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{}",
        b"[1]",
        b"\xff",
        b'{"type":"run","interface":"eth0"}',
        b'{"more":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"type":"sight","interface":"eth0","watched":true,"command":"x"}',
        b'{"type":"counted","interface":"eth0","seen":-1,"dropped":0,"evicted":0}',
        b'{"type":"sight","interface":"' + b"e" * 65 + b'","watched":true}',
        encode(found("eth0", SCAN)).replace(b'"packets":1000', b'"packets":1e3.5'),
    ],
)
def test_anything_else_is_refused(message):
    with pytest.raises(ReportError, match="refused"):
        decode(message)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(message):
    with contextlib.suppress(ReportError):
        assert isinstance(decode(message), Found | Counted | Sight)
