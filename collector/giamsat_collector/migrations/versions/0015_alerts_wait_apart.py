# SPDX-License-Identifier: Apache-2.0
"""Alerts that fell into declared maintenance, and who agreed to it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    maintenance = "number of the declared maintenance it fell into"
    surfaces = "when it comes into the queue all the same"
    op.add_column("alerts", sa.Column("maintenance", sa.Integer(), nullable=True, comment=maintenance))
    op.add_column("alerts", sa.Column("surfaces_ns", sa.BigInteger(), nullable=True, comment=surfaces))
    second = "who agreed, so that it silences at the high levels, too"
    op.add_column("maintenances", sa.Column("second", sa.String(length=64), nullable=True, comment=second))
    op.add_column("maintenances", sa.Column("agreed_ns", sa.BigInteger(), nullable=True))
