# SPDX-License-Identifier: Apache-2.0
"""Which roots an agent was told with its certificate."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ROOTS = "version of those given with it; 0: none taken"


def upgrade() -> None:
    """Change the database to this shape."""
    op.add_column("certificates", sa.Column("roots", sa.Integer(), nullable=False, server_default="0", comment=ROOTS))
