# SPDX-License-Identifier: Apache-2.0
"""Minutes of each source."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "source_minutes",
        sa.Column("asset", sa.String(length=64), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False, comment="since 1970, by the collector's clock"),
        sa.Column("source", sa.String(length=128), nullable=False),
        sa.Column("produced", sa.BigInteger(), nullable=False),
        sa.Column("throttled", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.Column("spooled", sa.BigInteger(), nullable=False, comment="what waited at its end"),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "minute", "source", name=op.f("pk_source_minutes")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_source_minutes_minute"), "source_minutes", ["minute"])
