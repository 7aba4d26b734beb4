# SPDX-License-Identifier: Apache-2.0
import base64

import msgspec

from giamsat_agent.packets.anomaly import Kind
from giamsat_agent.packets.evidence import identity
from giamsat_agent.packets.telling.intake import BURST, EVENTS_PER_MINUTE, EVIDENCE_BURST, SIGHTINGS_BURST, Intake
from giamsat_agent.packets.telling.report import Counted, Evidence, FlowMinute, Found, Sight, Sighted
from giamsat_wire import limits
from giamsat_wire.flow import FlowRow

MINUTE_NS = 60_000_000_000
SCAN = Found(
    interface="eth0",
    name="scan_tcp_vertical",
    severity="medium",
    words=("203.0.113.9 quét 20 cổng", "203.0.113.9 scanned 20 ports"),
    source_ip="203.0.113.9",
    source_mac="",
    first_ns=5,
    last_ns=3_000_000_005,
    targets=(("198.51.100.7", 1), ("198.51.100.7", 2)),
    counts={"packets": 20, "ports": 20, "targets": 1},
)
WATCHED = Sight("eth0", watched=True)


def intake():
    return Intake(["eth0"], mono_ns=0)


def taken(its, report, at_ns=0):
    return list(its.take(report, wall_ns=at_ns, mono_ns=at_ns))


def value(its, name):
    return {sample.name: sample.value for sample in its.samples()}[name]


def test_an_anomaly_is_an_event_with_its_offender_target_and_counts():
    (event,) = taken(intake(), SCAN, 77)

    assert (event.kind, event.wall_ns) == ("packet-anomaly", 77)
    assert (
        event.fields.items()
        >= {
            "giamsat.anomaly.class": "scan_tcp_vertical",
            "giamsat.anomaly.ports": 20,
            "giamsat.anomaly.seconds": 3,
            "source.ip": "203.0.113.9",
            "destination.ip": "198.51.100.7",
            "network.transport": "tcp",
            "observer.ingress.interface.name": "eth0",
        }.items()
    )
    assert "destination.port" not in event.fields


def test_what_a_policy_may_forbid_is_another_kind_of_event_that_says_what_it_is_about():
    about = {"giamsat.policy.subject": "TLS 1.0", "tls.client.server_name": "x.example", "user.name": "made up"}
    breach = msgspec.structs.replace(
        SCAN, name="weak_tls", kind=Kind.POLICY, targets=(("10.0.0.80", 443),), counts={"connections": 10}, about=about
    )

    (event,) = taken(intake(), breach)

    assert (event.kind, event.fields["event.action"]) == ("packet-policy", "packet-policy")
    assert event.fields["giamsat.policy.class"] == "weak_tls"
    assert event.fields["giamsat.policy.connections"] == 10
    assert (event.fields["destination.ip"], event.fields["destination.port"]) == ("10.0.0.80", 443)
    assert event.fields["giamsat.policy.subject"] == "TLS 1.0"
    assert event.fields["tls.client.server_name"] == "x.example"
    assert "user.name" not in event.fields
    assert not [name for name in event.fields if name.startswith("giamsat.anomaly")]


def test_what_a_policy_may_forbid_leaves_half_of_the_share_to_anomalies():
    its, breach = intake(), msgspec.structs.replace(SCAN, name="weak_tls", kind=Kind.POLICY)

    told = [event for report in [breach] * BURST + [SCAN] * BURST for event in taken(its, report)]

    kinds = [event.kind for event in told]
    assert kinds.count("packet-anomaly") >= BURST // 2 - 1
    assert kinds.count("packet-policy") <= BURST // 2 + 1


def test_the_same_anomaly_has_the_same_identity_and_one_that_has_grown_another():
    its = intake()
    grown = msgspec.structs.replace(SCAN, counts={**SCAN.counts, "ports": 30})

    first, again, other = (taken(its, report)[0].fields["event.id"] for report in (SCAN, SCAN, grown))

    assert first == again != other


def test_a_storm_is_counted_and_told_once_a_minute():
    its = intake()
    told = [event for number in range(BURST + 50) for event in taken(its, SCAN, number)]
    (after, folded) = taken(its, SCAN, MINUTE_NS)

    assert [event.kind for event in told] == ["packet-anomaly"] * BURST
    assert (after.kind, folded.kind, folded.fields["giamsat.folded.count"]) == (
        "packet-anomaly",
        "packet-anomalies-folded",
        50,
    )
    assert value(its, "giamsat_capture_anomalies_total") == BURST + 51


def test_a_share_grows_back_with_time():
    its = intake()
    for number in range(BURST):
        taken(its, SCAN, number)

    kinds = [event.kind for number in range(200) for event in taken(its, SCAN, MINUTE_NS + number)]

    assert kinds.count("packet-anomaly") == EVENTS_PER_MINUTE


def test_sight_is_told_when_it_changes_and_only_then():
    its = intake()
    lost = Sight("eth0", watched=False, reason="it went down")

    kinds = [event.kind for report in (WATCHED, WATCHED, lost, lost, WATCHED) for event in taken(its, report)]

    assert kinds == ["capture-started", "capture-lost", "capture-started"]


def test_a_host_under_pressure_is_told_as_looked_at_in_part_then_lost_then_back():
    its = intake()
    part = Sight("eth0", watched=True, reason="the host lacks memory", every=4)
    off = Sight("eth0", watched=False, reason="the host lacks memory: off")
    told, problems, factors = [], [], []
    for report in (WATCHED, part, part, off, part, WATCHED):
        told += [(event.kind, event.fields.get("giamsat.factor")) for event in taken(its, report)]
        problems.append(its.problems().get("packets eth0"))
        factors.append(value(its, "giamsat_capture_interval_factor"))

    assert told == [
        ("capture-started", None),
        ("capture-intervals-changed", "4"),
        ("capture-lost", None),
        ("capture-started", None),
        ("capture-intervals-changed", "1"),
    ]
    assert problems == [None, part.reason, part.reason, off.reason, part.reason, None]
    assert factors == [1, 4, 4, 1, 4, 1]


def test_a_capture_process_that_goes_away_is_a_loss_of_sight_with_the_reason():
    its = intake()
    taken(its, WATCHED)

    (event,) = its.lost("gone", wall_ns=1, mono_ns=1)

    assert (event.kind, event.fields["event.reason"]) == ("capture-lost", "gone")
    assert its.problems() == {"packets eth0": "gone"}
    assert value(its, "giamsat_capture_up") == 0.0


def test_before_it_connects_the_reason_says_where_to_look():
    assert "giamsat-capture" in intake().problems()["packets eth0"]


def test_counts_are_samples_by_interface():
    its = intake()
    taken(its, Counted("eth0", 100, 2, 3, untold=4))

    found = {sample.name: (sample.value, sample.labels) for sample in its.samples()}

    assert found["giamsat_capture_packets_total"] == (100.0, (("device", "eth0"),))
    assert found["giamsat_capture_dropped_total"][0] == 2.0
    assert found["giamsat_capture_evicted_total"][0] == 3.0
    assert found["giamsat_capture_untold_total"][0] == 4.0


def test_an_interface_nobody_configured_is_not_believed():
    its = intake()

    assert taken(its, msgspec.structs.replace(SCAN, interface="eth9")) == []
    assert taken(its, Counted("eth9", 1, 1, 1)) == []


def test_ever_new_classes_take_no_ever_growing_room():
    its = intake()
    for number in range(10 * BURST):
        taken(its, msgspec.structs.replace(SCAN, name=f"c{number}"))

    assert sum(sample.name == "giamsat_capture_anomalies_total" for sample in its.samples()) == BURST


PCAP = b"the bytes of a capture" * 1_000
EVIDENCE = Evidence("eth0", identity(PCAP), "scan_tcp_vertical", PCAP, ("a line",))


def test_evidence_is_an_event_in_pieces_the_wire_can_carry_and_its_anomaly_names_it():
    (event,) = taken(intake(), EVIDENCE)
    (anomaly,) = taken(intake(), msgspec.structs.replace(SCAN, evidence=EVIDENCE.id))

    assert (event.kind, event.fields["giamsat.evidence.lines"]) == ("packet-evidence", ("a line",))
    assert base64.b64decode("".join(event.fields["giamsat.evidence.pcap"])) == PCAP
    assert event.fields["giamsat.evidence.id"] == anomaly.fields["giamsat.evidence.id"]
    assert max(map(len, event.fields["giamsat.evidence.pcap"])) <= limits.TEXT_CHARACTERS


def test_evidence_above_its_share_and_evidence_that_is_not_what_it_names_are_counted():
    its = intake()
    sent = sum(len(taken(its, EVIDENCE)) for _ in range(100))

    assert sent == EVIDENCE_BURST // len(PCAP)
    assert value(its, "giamsat_capture_evidence_dropped_total") == 100 - sent
    assert len(taken(its, EVIDENCE, 60_000_000_000)) == 1
    assert taken(intake(), msgspec.structs.replace(EVIDENCE, id="other")) == []


DESK = Sighted(
    interface="eth0",
    mac="02:00:00:00:00:05",
    vlan=12,
    addresses=("10.0.0.5", "10.0.0.6"),
    name="ketoan-03",
    vendor_class="MSFT 5.0",
    services=("tcp/445",),
    first_ns=0,
    last_ns=MINUTE_NS,
    fresh=True,
)


def test_a_host_that_was_seen_is_an_event_with_what_it_showed_of_itself():
    (event,) = taken(intake(), DESK, 2 * MINUTE_NS)

    assert event.kind == "host-sighted"
    assert (
        event.fields.items()
        >= {
            "source.mac": "02:00:00:00:00:05",
            "source.ip": "10.0.0.6",
            "source.domain": "ketoan-03",
            "network.vlan.id": "12",
            "giamsat.sighting.segment": "eth0.12",
            "giamsat.sighting.addresses": ("10.0.0.5", "10.0.0.6"),
            "giamsat.sighting.services": ("tcp/445",),
            "giamsat.sighting.vendor_class": "MSFT 5.0",
            "giamsat.sighting.fresh": True,
            "giamsat.sighting.seconds": 60,
            "giamsat.sighting.ago_seconds": 60,
        }.items()
    )


def test_a_capture_process_that_makes_hosts_up_without_end_gets_no_further_than_its_share():
    its = intake()
    told = sum(len(taken(its, DESK)) for _ in range(SIGHTINGS_BURST + 100))

    assert told == SIGHTINGS_BURST
    assert value(its, "giamsat_capture_sightings_dropped_total") == 100


def test_flows_of_a_minute_are_told_within_their_budget_and_what_is_above_is_counted():
    its = Intake(["eth0"], mono_ns=0, flow_bytes=1_000)
    line = FlowRow(6, "10.0.0.5", 50_000, "203.0.113.7", 443, 1, 2, 3, 4, 27, 0, 9).line()
    minute = FlowMinute("eth0", 0, MINUTE_NS, (line,) * (1_000 // (len(line) + 1)), 0, 0, 0, 0)

    told = [len(taken(its, minute, at)) for at in (0, 1, 2, MINUTE_NS, 2 * MINUTE_NS)]

    assert told == [1, 1, 0, 1, 1]
    assert value(its, "giamsat_capture_flows_dropped_total") == 1
