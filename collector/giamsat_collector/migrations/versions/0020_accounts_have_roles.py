# SPDX-License-Identifier: Apache-2.0
"""An account of the console is an analyst's or an administrator's; those there were are administrators'."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.add_column("users", sa.Column("role", sa.String(16), nullable=False, server_default="administrator"))
