# SPDX-License-Identifier: Apache-2.0
"""An anomaly: one offender's one behaviour in one span of time, with counts, never one per packet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

TARGETS: Final = 20
"""Targets that are named; the count says how many there were."""
FRAMES: Final = 20
"""Frames of its evidence."""


class Kind(StrEnum):
    """Whether something is out of the ordinary, or ordinary and against what a policy may ask for."""

    ANOMALY = "anomaly"
    POLICY = "policy"


class Severity(StrEnum):
    """How much a behaviour weighs by itself; the level of the system is the collector's business."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Target:
    """What was aimed at; `port` is 0 where the behaviour knows no ports."""

    ip: str
    port: int = 0


@dataclass(frozen=True, slots=True)
class Anomaly:
    """What was seen. Times are UNIX nanoseconds of the capture's own clock.

    `name` is the class of the behaviour; `words` are the sentence in Vietnamese and in English; `about` are further
    ECS fields, those that are known; of `frames`, its evidence, the first are kept. What a policy forbids may show a
    secret: of that there is no evidence.
    """

    name: str
    severity: Severity
    words: tuple[str, str]
    source_ip: str
    first_ns: int
    last_ns: int
    targets: Sequence[Target] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    source_mac: str = ""
    frames: Sequence[int] = ()
    kind: Kind = Kind.ANOMALY
    about: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "frames", self.frames[:FRAMES])

    @property
    def offender(self) -> str:
        """Whose behaviour it is: the source, whom it hits if nobody knows, or the service that keeps to no policy."""
        if self.kind is Kind.POLICY and self.targets:
            return f"{self.targets[0].ip} {self.targets[0].port} {self.about.get('giamsat.policy.subject', '')}"
        return self.source_mac or self.source_ip or (self.targets[0].ip if self.targets else "")

    @property
    def totals(self) -> dict[str, int]:
        """All counts; targets and ports are those of every target, named or not."""
        ports = {target.port for target in self.targets if target.port}
        return {"targets": len({target.ip for target in self.targets}), "ports": len(ports), **self.counts}

    def as_json(self, language: str, *, file: str | None = None) -> dict[str, Any]:
        """The shape that tools read; `language` is vi or en, `file` where the evidence was written to."""
        return {
            "class": self.name,
            "severity": self.severity.value,
            "source": {"ip": self.source_ip or None, "mac": self.source_mac or None},
            "targets": [{"ip": target.ip, "port": target.port or None} for target in self.targets[:TARGETS]],
            "counts": self.totals,
            "first": instant(self.first_ns),
            "last": instant(self.last_ns),
            "message": self.words[0] if language == "vi" else self.words[1],
            "evidence": {"frames": list(self.frames)} | ({"file": file} if file else {}),
        } | ({"about": about} if (about := {name: text for name, text in self.about.items() if text}) else {})


def instant(at_ns: int) -> str:
    """UNIX nanoseconds as RFC 3339, UTC, to the microsecond."""
    seconds, nanos = divmod(at_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos // 1000:06d}Z"
