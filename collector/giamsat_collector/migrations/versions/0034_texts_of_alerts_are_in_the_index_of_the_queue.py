# SPDX-License-Identifier: Apache-2.0
"""Alerts are looked through for a text in the index of the queue, not row by row."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_QUEUE = ["closed", "priority", "opened_ns", "id"]
_BY = ["state", "relation", "maintenance", "cause", "owner", "severity", "level", "unit", "system", "asset", "rule"]


def upgrade() -> None:
    """Change the database to this shape."""
    op.drop_index("ix_alerts_queue", "alerts")
    op.create_index("ix_alerts_queue", "alerts", [*_QUEUE, *_BY, "first_ns", "last_ns", "searchable"])
