# SPDX-License-Identifier: Apache-2.0
"""Hosts that sensors saw, and the Ethernet addresses of those that are watched."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "sightings",
        sa.Column("asset", sa.String(length=64), nullable=False, comment="the host whose sensor saw it"),
        sa.Column(
            "segment", sa.String(length=80), nullable=False, comment="interface, with the VLAN where there is one"
        ),
        sa.Column("mac", sa.String(length=17), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("vendor_class", sa.String(length=64), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("first_ns", sa.BigInteger(), nullable=False),
        sa.Column("last_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "segment", "mac", name=op.f("pk_sightings")),
    )
    op.create_index(op.f("ix_sightings_last_ns"), "sightings", ["last_ns"])
    op.create_table(
        "watched_macs",
        sa.Column("asset", sa.String(length=64), nullable=False, comment="the agent that told it"),
        sa.Column("mac", sa.String(length=17), nullable=False),
        sa.Column(
            "device",
            sa.String(length=64),
            nullable=False,
            comment="the device it polls and whose address it is; empty: its own",
        ),
        sa.PrimaryKeyConstraint("asset", "mac", name=op.f("pk_watched_macs")),
    )
