# SPDX-License-Identifier: Apache-2.0
"""What people have agreed to hide for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "suppressions",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False, comment="names; empty: every rule"),
        sa.Column("fields", sa.JSON(), nullable=False, comment="what an event must have, all of it"),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("proposer", sa.String(length=64), nullable=False),
        sa.Column("proposed_ns", sa.BigInteger(), nullable=False),
        sa.Column("since_ns", sa.BigInteger(), nullable=False),
        sa.Column("until_ns", sa.BigInteger(), nullable=False),
        sa.Column("second", sa.String(length=64), comment="who agreed"),
        sa.Column("agreed_ns", sa.BigInteger()),
        sa.Column("ended_by", sa.String(length=64)),
        sa.Column("ended_ns", sa.BigInteger()),
        sa.Column("hidden", sa.BigInteger(), nullable=False, comment="events and conditions it kept from rules"),
        sa.Column("last_ns", sa.BigInteger(), comment="when it last hid something"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_suppressions")),
    )
