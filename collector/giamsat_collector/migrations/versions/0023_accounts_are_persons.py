# SPDX-License-Identifier: Apache-2.0
"""An account says whose it is and when it was logged in to last; of those there are, neither is known."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.add_column("users", sa.Column("person", sa.String(64), nullable=False, server_default=""))
    op.add_column("users", sa.Column("login_ns", sa.BigInteger, nullable=False, server_default="0"))
