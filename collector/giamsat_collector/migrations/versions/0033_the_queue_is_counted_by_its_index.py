# SPDX-License-Identifier: Apache-2.0
"""A filter and a count of the queue read its index alone; what came in and was done since a moment is found by it."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_QUEUE = ["closed", "priority", "opened_ns", "id"]
_BY = ["state", "relation", "maintenance", "cause", "owner", "severity", "level", "unit", "system", "asset", "rule"]


def upgrade() -> None:
    """Change the database to this shape."""
    op.drop_index("ix_alerts_queue", "alerts")
    op.create_index("ix_alerts_queue", "alerts", [*_QUEUE, *_BY, "first_ns", "last_ns"])
    op.create_index("ix_alerts_opened", "alerts", ["opened_ns", "priority"])
    op.create_index("ix_alert_changes_at_ns", "alert_changes", ["at_ns"])
