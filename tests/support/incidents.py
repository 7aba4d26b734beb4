# SPDX-License-Identifier: Apache-2.0
"""An incident as somebody judged it."""

from dataclasses import replace

from giamsat_collector.incidents.incident import Group, Incident, Report, Sent, State

HOUR = 3600 * 10**9
INCIDENT = Incident(
    number=7,
    title="Cổng dịch vụ công bị xâm nhập",
    group=Group.INTRUSION,
    state=State.OPEN,
    serious=False,
    security_interest=False,
    interruption=False,
    personal_data=False,
    persons=None,
    detected_ns=100 * HOUR,
    detected_why="",
    owner="an",
    first_actions="",
    cause="",
    scope="",
    remedy="",
    opened_ns=101 * HOUR,
    opened_by="an",
)


def incident(**changes):
    return replace(INCIDENT, **changes)


def sent(report=Report.INITIAL, at_ns=110 * HOUR, **changes):
    return replace(Sent(report, at_ns, "12/BC", "an", at_ns), **changes)
