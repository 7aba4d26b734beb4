# SPDX-License-Identifier: Apache-2.0
"""What the registry was told, by whom, when, and from when on it holds."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Change the database to this shape; what stands already is told when it first changes."""
    op.create_table(
        "registry_tellings",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("told_ns", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_tellings")),
    )
    op.create_table(
        "registry_facts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("telling", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("record", sa.String(length=64), nullable=False),
        sa.Column("from_ns", sa.BigInteger(), nullable=False, comment="from when on it is so; 0 is always"),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["telling"], ["registry_tellings.id"], name=op.f("fk_registry_facts_telling")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_facts")),
    )
    op.create_index(op.f("ix_registry_facts_telling"), "registry_facts", ["telling"])
    op.create_index("ix_registry_facts_record", "registry_facts", ["kind", "record"])
