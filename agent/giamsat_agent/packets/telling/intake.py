# SPDX-License-Identifier: Apache-2.0
"""What becomes of what the capture process tells: events, samples, and what is wrong with sight.

Anomalies have a share, EVENTS_PER_MINUTE with bursts of BURST: what is above it is counted, and one event a minute says
how many. The interfaces are those the configuration names; of others nothing is believed.

Pure: reports and times in, events and samples out.
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from giamsat_agent import ecs
from giamsat_agent.packets.anomaly import Kind
from giamsat_agent.packets.evidence import identity
from giamsat_agent.packets.telling import anomaly_event, flow_event, sighting_event
from giamsat_agent.packets.telling.report import Counted, Evidence, FlowMinute, Found, Report, Sight, Sighted
from giamsat_agent.token_bucket import Share
from giamsat_wire.record import Event, FieldValue, Sample

EVENTS_PER_MINUTE: Final = 120
BURST: Final = 240
EVIDENCE_BURST: Final = 1 << 20
EVIDENCE_PER_SECOND: Final = 1_024
"""Bytes of evidence: what is above it is counted, so that a thin link is not filled with it."""
SIGHTINGS_BURST: Final = 512
SIGHTINGS_PER_MINUTE: Final = 16
"""Hosts told of: several interfaces' shares; more comes of no capture process of ours."""
FLOW_SUMS: Final = 256
"""Bytes of a minute's event beside its flows."""
PIECE: Final = 8_192
"""Characters of one text on the wire."""
_MINUTE_NS: Final = 60_000_000_000
_NOT_YET: Final = "the capture process has not connected; is the service giamsat-capture running?"


@dataclass(slots=True)
class _Interface:
    """One interface: whether it is watched, why not, and the last counts."""

    watched: bool = False
    reason: str = _NOT_YET
    seen: int = 0
    dropped: int = 0
    evicted: int = 0
    unshown: int = 0
    passed: int = 0
    faults: int = 0
    untold: int = 0
    every: int = 1


class Intake:
    """Decides over reports."""

    def __init__(self, interfaces: Iterable[str], *, mono_ns: int, flow_bytes: int = 0) -> None:
        """`flow_bytes` are those the flows of one interface may take each minute."""
        self._interfaces = {name: _Interface() for name in interfaces}
        self._share = Share(BURST, EVENTS_PER_MINUTE / 60)
        self._minute_ns = mono_ns
        self._evidence_share = Share(EVIDENCE_BURST, EVIDENCE_PER_SECOND)
        self._sightings_share = Share(SIGHTINGS_BURST, SIGHTINGS_PER_MINUTE / 60)
        # One more at once: the clock that says a minute is over is the capture process's own.
        each_minute = (flow_bytes + FLOW_SUMS) * len(self._interfaces)
        self._flows_share = Share(2 * each_minute, each_minute / 60)
        self._unsent = self._unseen = self._unflown = 0
        self._folded = 0
        self._total: dict[str, int] = {}

    def take(self, report: Report, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        """The events of one report."""
        its = self._interfaces.get(report.interface)
        if its is None:
            return
        if isinstance(report, Counted):
            its.seen, its.dropped, its.evicted = report.seen, report.dropped, report.evicted
            its.unshown, its.passed, its.faults = report.unshown, report.passed, report.faults
            its.untold = report.untold
        elif isinstance(report, Sight):
            yield from self._sight(its, report, wall_ns=wall_ns, mono_ns=mono_ns)
        elif isinstance(report, Evidence):
            yield from self._evidence(report, wall_ns=wall_ns, mono_ns=mono_ns)
        elif isinstance(report, Sighted | FlowMinute):
            yield from self._traffic(report, wall_ns=wall_ns, mono_ns=mono_ns)
        else:
            yield from self._anomaly(report, wall_ns=wall_ns, mono_ns=mono_ns)

    def lost(self, reason: str, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        """The capture process is not there any more."""
        for name, its in self._interfaces.items():
            yield from self._sight(its, Sight(name, watched=False, reason=reason), wall_ns=wall_ns, mono_ns=mono_ns)

    def samples(self) -> Iterator[Sample]:
        """Counts by interface, and of anomalies by class."""
        for name, its in self._interfaces.items():
            labels = (("device", name),)
            yield Sample("giamsat_capture_up", float(its.watched), labels)
            yield Sample("giamsat_capture_interval_factor", float(its.every), labels)
            yield Sample("giamsat_capture_passed_total", float(its.passed), labels)
            yield Sample("giamsat_capture_packets_total", float(its.seen), labels)
            yield Sample("giamsat_capture_dropped_total", float(its.dropped), labels)
            yield Sample("giamsat_capture_evicted_total", float(its.evicted), labels)
            yield Sample("giamsat_capture_unshown_total", float(its.unshown), labels)
            yield Sample("giamsat_capture_detector_failures_total", float(its.faults), labels)
            yield Sample("giamsat_capture_untold_total", float(its.untold), labels)
        yield Sample("giamsat_capture_evidence_dropped_total", float(self._unsent))
        yield Sample("giamsat_capture_sightings_dropped_total", float(self._unseen))
        yield Sample("giamsat_capture_flows_dropped_total", float(self._unflown))
        for name, count in self._total.items():
            yield Sample("giamsat_capture_anomalies_total", float(count), (("class", name),))

    def problems(self) -> dict[str, str]:
        """Interfaces that are not watched, or not wholly, or not with every list, and why."""
        return {
            f"packets {name}": its.reason for name, its in self._interfaces.items() if not its.watched or its.reason
        }

    def _sight(self, its: _Interface, report: Sight, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        begun_or_lost = its.watched != report.watched
        if not begun_or_lost and its.every == report.every:
            its.reason = report.reason
            return
        its.watched, its.reason, its.every = report.watched, report.reason, report.every
        fields: dict[str, FieldValue] = {
            "event.provider": "packets",
            "event.outcome": "success" if report.watched else "failure",
            "observer.ingress.interface.name": report.interface,
        }
        if report.reason:
            fields["event.reason"] = report.reason
        if not begun_or_lost:
            fields["giamsat.factor"] = str(report.every)
            kind = "capture-intervals-changed"
        else:
            kind = "capture-started" if report.watched else "capture-lost"
        yield ecs.event(kind, wall_ns=wall_ns, mono_ns=mono_ns, fields=fields)

    def _traffic(self, report: Sighted | FlowMinute, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        """Who is there, and who talks with whom."""
        if isinstance(report, Sighted):
            if self._sightings_share.takes(1, mono_ns):
                yield sighting_event.event(report, wall_ns=wall_ns, mono_ns=mono_ns)
            else:
                self._unseen += 1
        elif self._flows_share.takes(flow_event.size(report) + FLOW_SUMS, mono_ns):
            yield flow_event.event(report, wall_ns=wall_ns, mono_ns=mono_ns)
        else:
            self._unflown += 1

    def _evidence(self, report: Evidence, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        if report.id != identity(report.pcap) or not self._evidence_share.takes(len(report.pcap), mono_ns):
            self._unsent += 1
            return
        coded = base64.b64encode(report.pcap).decode()
        fields: dict[str, FieldValue] = {
            "event.provider": "packets",
            "giamsat.anomaly.class": report.name,
            "giamsat.evidence.id": report.id,
            "giamsat.evidence.lines": report.lines,
            "giamsat.evidence.pcap": tuple(coded[at : at + PIECE] for at in range(0, len(coded), PIECE)),
            "observer.ingress.interface.name": report.interface,
        }
        yield ecs.event("packet-evidence", wall_ns=wall_ns, mono_ns=mono_ns, fields=fields)

    def _anomaly(self, report: Found, *, wall_ns: int, mono_ns: int) -> Iterator[Event]:
        # The class is one of few; a capture process that has been taken over could name ever new ones.
        if report.name in self._total or len(self._total) < BURST:
            self._total[report.name] = self._total.get(report.name, 0) + 1
        # What a policy forbids goes on all day: half of the share is left to anomalies.
        if self._share.takes(1, mono_ns, leaving=0 if report.kind is Kind.ANOMALY else BURST / 2 - 1):
            yield anomaly_event.event(report, wall_ns=wall_ns, mono_ns=mono_ns)
        else:
            self._folded += 1
        if self._folded and mono_ns - self._minute_ns >= _MINUTE_NS:
            self._minute_ns = mono_ns
            fields: dict[str, FieldValue] = {
                "event.provider": "packets",
                "giamsat.folded.count": self._folded,
                "message": f"{self._folded} anomalies were above the sensor's share and were only counted",
            }
            self._folded = 0
            yield ecs.event("packet-anomalies-folded", wall_ns=wall_ns, mono_ns=mono_ns, fields=fields)
