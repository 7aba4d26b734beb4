# SPDX-License-Identifier: Apache-2.0
"""A session that gets another token keeps what its forms are known by; those there are began with the one they have."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    what = "hash of the token it began with"
    op.add_column("sessions", sa.Column("begun", sa.String(64), nullable=False, server_default="", comment=what))
    op.execute("UPDATE sessions SET begun = token")
