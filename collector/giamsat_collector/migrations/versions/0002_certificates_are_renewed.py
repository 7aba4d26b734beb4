# SPDX-License-Identifier: Apache-2.0
"""Every certificate an agent ever had is a row of its own; an agent can be locked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "certificates",
        sa.Column("agent", sa.String(length=36), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("spki_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("serial", sa.String(length=48), nullable=False),
        sa.Column("chain_pem", sa.LargeBinary(), nullable=False),
        sa.Column("issued_ns", sa.BigInteger(), nullable=False),
        sa.Column("expires_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent"], ["agents.id"], name=op.f("fk_certificates_agent")),
        sa.PrimaryKeyConstraint("agent", "generation", name=op.f("pk_certificates")),
        sa.UniqueConstraint("spki_sha256", name=op.f("uq_certificates_spki_sha256")),
    )
    op.execute(
        # Certificates live for 14 days.
        "INSERT INTO certificates (agent, generation, spki_sha256, serial, chain_pem, issued_ns, expires_ns) "
        "SELECT id, generation, spki_sha256, serial, chain_pem, enrolled_ns, enrolled_ns + 1209600000000000 "
        "FROM agents"
    )
    with op.batch_alter_table("agents") as agents:
        agents.drop_constraint("uq_agents_spki_sha256", type_="unique")
        for name in ("spki_sha256", "serial", "chain_pem"):
            agents.drop_column(name)
        agents.add_column(sa.Column("locked_ns", sa.BigInteger(), nullable=True))
        agents.add_column(sa.Column("locked_why", sa.String(length=200), nullable=True))
