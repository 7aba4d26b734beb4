# SPDX-License-Identifier: Apache-2.0
"""Lists of what is known to be evil, and what they have met."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "indicator_lists",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("brought_ns", sa.BigInteger(), nullable=False),
        sa.Column("brought_by", sa.String(length=64), nullable=False),
        sa.Column("renewed_days", sa.Integer(), comment="a newer one is expected after so many; none: never"),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False, comment="one entry a line, zlib"),
        sa.Column("hits", sa.BigInteger(), nullable=False, comment="events and flows that met an entry"),
        sa.Column("last_hit_ns", sa.BigInteger()),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_indicator_lists")),
    )
