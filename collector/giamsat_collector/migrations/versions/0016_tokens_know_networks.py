# SPDX-License-Identifier: Apache-2.0
"""Tokens that count from some networks only."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    where = "from where alone; empty: anywhere"
    op.add_column("tokens", sa.Column("networks", sa.String(800), nullable=False, server_default="", comment=where))
