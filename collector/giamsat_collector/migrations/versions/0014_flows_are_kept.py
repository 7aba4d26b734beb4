# SPDX-License-Identifier: Apache-2.0
"""Who talked with whom, minute by minute."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "flow_minutes",
        sa.Column("asset", sa.String(length=64), nullable=False, comment="the host whose sensor saw them"),
        sa.Column("interface", sa.String(length=64), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False, comment="as giamsat_wire.flow writes them, zlib"),
        sa.Column("rest_flows", sa.BigInteger(), nullable=False),
        sa.Column("rest_packets", sa.BigInteger(), nullable=False),
        sa.Column("rest_bytes", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes of lines"),
        sa.PrimaryKeyConstraint("asset", "interface", "start_ns", name=op.f("pk_flow_minutes")),
    )
    op.create_index(op.f("ix_flow_minutes_start_ns"), "flow_minutes", ["start_ns"])
