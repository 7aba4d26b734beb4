# SPDX-License-Identifier: Apache-2.0
"""An incident may be told of by a person, of whom and where it is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    who, where = "the person who told of it, and how", "where that person says it is"
    op.add_column("incidents", sa.Column("told_by", sa.String(300), nullable=False, server_default="", comment=who))
    op.add_column("incidents", sa.Column("unit", sa.String(64), nullable=False, server_default="", comment=where))
    op.add_column("incidents", sa.Column("system", sa.String(64)))
    op.add_column("incidents", sa.Column("level", sa.Integer()))
