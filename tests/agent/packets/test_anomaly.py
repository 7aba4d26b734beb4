# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.anomaly import FRAMES, TARGETS, Anomaly, Severity, Target


def test_the_shape_is_the_one_tools_read():
    seen = Anomaly(
        name="scan_tcp_vertical",
        severity=Severity.MEDIUM,
        words=("quét", "scanned"),
        source_ip="10.0.0.1",
        first_ns=1_800_000_000_123_456_789,
        last_ns=1_800_000_001_000_000_000,
        targets=[Target("10.0.0.2", port) for port in range(1, TARGETS + 6)],
        counts={"packets": 30},
        frames=range(3, 300),
    )

    shape = seen.as_json("en")

    assert shape | {"targets": len(shape["targets"])} == {
        "class": "scan_tcp_vertical",
        "severity": "medium",
        "source": {"ip": "10.0.0.1", "mac": None},
        "targets": TARGETS,
        "counts": {"targets": 1, "ports": TARGETS + 5, "packets": 30},
        "first": "2027-01-15T08:00:00.123456Z",
        "last": "2027-01-15T08:00:01.000000Z",
        "message": "scanned",
        "evidence": {"frames": list(range(3, 3 + FRAMES))},
    }
