# SPDX-License-Identifier: Apache-2.0
"""What people answer for, by system and obligation."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "attestations",
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("obligation", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("expires", sa.String(length=10), nullable=False, comment="ISO date; the last day it counts"),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["system"], ["systems.id"], name=op.f("fk_attestations_system")),
        sa.PrimaryKeyConstraint("system", "obligation", name=op.f("pk_attestations")),
    )
