# SPDX-License-Identifier: Apache-2.0
"""Whom alerts in the queue tell of is found without looking through the queue."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.drop_index("ix_alerts_cause", "alerts")
    op.create_index("ix_alerts_cause", "alerts", ["cause", "closed"])
    op.create_index("ix_alerts_open", "alerts", ["asset", "closed"])
    what = "a name of an offender and its value, in few characters"
    offenders = op.create_table(
        "offenders",
        sa.Column("unit", sa.String(64), primary_key=True),
        sa.Column("rule", sa.String(100), primary_key=True),
        sa.Column("mark", sa.String(16), primary_key=True, comment=what),
        sa.Column("alert", sa.String(16), sa.ForeignKey("alerts.id"), primary_key=True),
    )
    queue = "NOT closed AND cause IS NULL AND maintenance IS NULL AND unit != ''"
    rows = op.get_bind().execute(sa.text(f"SELECT id, unit, rule, groups FROM alerts WHERE {queue}")).mappings().all()  # noqa: S608 - no word of it is anybody's
    for row in rows:
        if told := [{"unit": row["unit"], "rule": row["rule"], "mark": m, "alert": row["id"]} for m in _marks(row)]:
            op.bulk_insert(offenders, told)


def _marks(row: Any) -> Iterator[str]:  # noqa: ANN401 - a row as the driver gives it
    groups = [group for group in json.loads(row["groups"]) if not group.get("over")]
    for name, value in sorted({each for group in groups for each in group["group"].items()}):
        yield hashlib.sha256(f"{name}\0{value}".encode()).hexdigest()[:16]
