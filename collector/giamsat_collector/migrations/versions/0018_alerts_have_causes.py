# SPDX-License-Identifier: Apache-2.0
"""Alerts that are a consequence of what another alert tells of."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    cause = "the alert that stands for it in the queue"
    op.add_column("alerts", sa.Column("cause", sa.String(16), nullable=True, comment=cause))
    op.create_index("ix_alerts_cause", "alerts", ["cause"])
