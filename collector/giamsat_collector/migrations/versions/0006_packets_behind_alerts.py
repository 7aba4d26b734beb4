# SPDX-License-Identifier: Apache-2.0
"""The packets behind alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "evidence",
        sa.Column("asset", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("interface", sa.String(length=64), nullable=False),
        sa.Column("pcap", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_age", "evidence", ["asset", "received_ns", "size"])
