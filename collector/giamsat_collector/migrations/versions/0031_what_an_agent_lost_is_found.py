# SPDX-License-Identifier: Apache-2.0
"""What an agent lost, and what was set aside of it, is found without looking through that of all others."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_index("ix_losses_agent", "losses", ["agent", "lane", "epoch", "last"])
    op.create_index("ix_quarantine_agent", "quarantine", ["agent", "id"])
