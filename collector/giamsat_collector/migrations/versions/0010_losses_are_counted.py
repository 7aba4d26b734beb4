# SPDX-License-Identifier: Apache-2.0
"""A declared loss says how many frames of its range it is about."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.add_column("losses", sa.Column("frames", sa.BigInteger(), nullable=True, comment="how many of them; null: all"))
