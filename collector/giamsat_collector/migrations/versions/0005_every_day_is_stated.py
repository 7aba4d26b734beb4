# SPDX-License-Identifier: Apache-2.0
"""How coverage stood at the end of each day, signed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "coverage_statements",
        sa.Column("day", sa.String(length=10), nullable=False, comment="ISO date, in the collector's zone"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_coverage_statements")),
    )
