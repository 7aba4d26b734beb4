# SPDX-License-Identifier: Apache-2.0
"""Until when a system stood."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.add_column("systems", sa.Column("valid_to", sa.String(length=10), nullable=False, server_default=""))
