# SPDX-License-Identifier: Apache-2.0
"""How far a lane is durable is said with the checksum of that frame, so that a spool that went back is told apart."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    crc = sa.Column(
        "crc", sa.BigInteger(), nullable=False, server_default="0", comment="of the frame of that number; 0: not known"
    )
    op.add_column("high_water", crc)
