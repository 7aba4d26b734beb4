# SPDX-License-Identifier: Apache-2.0
"""Why one alert stands for another; whatever stood for one so far named its cause."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    why = "why that one stands for it: consequence, same"
    op.add_column("alerts", sa.Column("relation", sa.String(16), nullable=True, comment=why))
    op.execute("UPDATE alerts SET relation = 'consequence' WHERE cause IS NOT NULL")
    op.create_index("ix_alerts_unit", "alerts", ["unit", "closed"])
