# SPDX-License-Identifier: Apache-2.0
"""Minutes of each check, and declared maintenance."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "availability_days",
        sa.Column("asset", sa.String(length=64), nullable=False),
        sa.Column("check_name", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False, comment="days since 1970, UTC"),
        sa.Column("up", sa.LargeBinary(length=180), nullable=False, comment="a bit a minute, the first the lowest"),
        sa.Column("down", sa.LargeBinary(length=180), nullable=False, comment="the same"),
        sa.PrimaryKeyConstraint("asset", "check_name", "day", name=op.f("pk_availability_days")),
    )
    op.create_table(
        "availability_checks",
        sa.Column("asset", sa.String(length=64), nullable=False),
        sa.Column("check_name", sa.String(length=64), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False, comment="minute since 1970 of its first reading"),
        sa.Column("last", sa.Integer(), nullable=False, comment="that of its last one"),
        sa.Column("ended", sa.Integer(), nullable=True, comment="minute in which its agent no longer had it"),
        sa.PrimaryKeyConstraint("asset", "check_name", name=op.f("pk_availability_checks")),
    )
    op.create_table(
        "maintenances",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("from_ns", sa.BigInteger(), nullable=False),
        sa.Column("to_ns", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False, comment="when it was declared"),
        sa.Column("withdrawn_ns", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["system"], ["systems.id"], name=op.f("fk_maintenances_system")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenances")),
    )
    op.create_index(op.f("ix_maintenances_system"), "maintenances", ["system"])
