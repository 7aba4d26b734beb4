# SPDX-License-Identifier: Apache-2.0
"""The open alerts of a rule, and those behind others, are found without looking through the queue."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.drop_index("ix_alerts_rule_asset", "alerts")
    op.create_index("ix_alerts_rule", "alerts", ["rule", "closed", "asset"])
    op.create_index("ix_alerts_behind", "alerts", ["relation", "closed"])
