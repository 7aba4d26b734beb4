# SPDX-License-Identifier: Apache-2.0
"""Tokens for the high levels count once a second person has agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    why = "counts once a second one agreed"
    op.add_column(
        "tokens", sa.Column("two_persons", sa.Boolean(), nullable=False, server_default=sa.false(), comment=why)
    )
    op.add_column("tokens", sa.Column("second", sa.String(64)))
    op.add_column("tokens", sa.Column("agreed_ns", sa.BigInteger()))
