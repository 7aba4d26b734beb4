# SPDX-License-Identifier: Apache-2.0
"""What rules on new values have seen outlives the collector."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "first_seen",
        sa.Column("topic", sa.String(100), primary_key=True),
        sa.Column("owner", sa.String(64), primary_key=True),
        sa.Column("said", sa.Text, primary_key=True),
        sa.Column("first_ns", sa.BigInteger, nullable=False),
        sa.Column("last_ns", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_first_seen_last_ns", "first_seen", ["last_ns"])
