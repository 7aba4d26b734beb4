# SPDX-License-Identifier: Apache-2.0
"""A point in time for a person: in the console's zone, with UTC beside it."""

from datetime import UTC, datetime, tzinfo


def moment(instant: str, zone: tzinfo) -> str:
    """RFC 3339 as `alerts.shape.instant` writes it, e.g. 29/11/2026 18:00:11 (11:00:11 UTC)."""
    at = datetime.fromisoformat(instant).astimezone(UTC)
    return f"{at.astimezone(zone):%d/%m/%Y %H:%M:%S} ({at:%H:%M:%S} UTC)"
