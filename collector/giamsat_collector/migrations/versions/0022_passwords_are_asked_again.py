# SPDX-License-Identifier: Apache-2.0
"""A session says when its password was given last; those there are have to give it again."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.add_column("sessions", sa.Column("proved_ns", sa.BigInteger, nullable=False, server_default="0"))
