# SPDX-License-Identifier: Apache-2.0
"""Verdicts as the rules engine gives them."""

from dataclasses import replace

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.ledger import Entry
from giamsat_collector.registry.record import Placement
from giamsat_rules.verdict import Subject, Verdict

PLACEMENT = Placement("A1", "máy-chủ-1", "40.412", "Thành phố Vinh", "S1", 3)


def verdict(count=1, at=1_000, source="192.0.2.7", **changes):
    given = Verdict(
        rule="ssh_brute_force",
        rule_version=1,
        kind="alert",
        change="raised",
        title_vi="Dò mật khẩu SSH",
        title_en="SSH password guessing",
        severity="high",
        subject=Subject("A1", 3),
        group={"source.ip": source},
        count=count,
        first_ns=at,
        last_ns=at,
        threshold={"ssh_failed_logins": 10.0},
        profile="p",
        techniques=("T1110.001",),
        evidence=({"source.ip": source, "event.category": ("authentication",)},),
    )
    return replace(given, **changes)


def recorded(connection, given, place, now_ns, apart=None):
    """Record one verdict; the alert that it changes, None where it changes nothing."""
    (alert,) = ledger.record(connection, [Entry(given, place, apart)], now_ns) or (None,)
    return alert
