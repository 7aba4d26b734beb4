# SPDX-License-Identifier: Apache-2.0
"""How far each notifier has come in the history of alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "notified",
        sa.Column("notifier", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, comment="the last row of alert_changes it is done with"),
        sa.PrimaryKeyConstraint("notifier"),
    )
