# SPDX-License-Identifier: Apache-2.0
"""Alerts that belong together, and the reports that the law asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TO = ["incidents.number"]
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Change the database to this shape."""
    op.create_table(
        "incidents",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("group", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("serious", sa.Boolean(), nullable=False),
        sa.Column("security_interest", sa.Boolean(), nullable=False),
        sa.Column("interruption", sa.Boolean(), nullable=False),
        sa.Column("personal_data", sa.Boolean(), nullable=False),
        sa.Column("persons", sa.BigInteger(), comment="whom the personal data is about; none: not known"),
        sa.Column("detected_ns", sa.BigInteger(), nullable=False, comment="from when the law counts"),
        sa.Column("detected_why", sa.Text(), nullable=False, comment="why that is not when its first alert was raised"),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("first_actions", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("opened_ns", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("closed_ns", sa.BigInteger()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_incidents")),
    )
    op.create_index("ix_incidents_state", "incidents", ["state", "number"])
    op.create_table(
        "incident_alerts",
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("alert", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["incident"], _TO, name=op.f("fk_incident_alerts_incident")),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name=op.f("fk_incident_alerts_alert")),
        sa.PrimaryKeyConstraint("incident", "alert", name=op.f("pk_incident_alerts")),
    )
    op.create_index(op.f("ix_incident_alerts_alert"), "incident_alerts", ["alert"])
    op.create_table(
        "incident_reports",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("report", sa.String(length=20), nullable=False),
        sa.Column("sent_ns", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("recorded_ns", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_ns", sa.BigInteger()),
        sa.ForeignKeyConstraint(["incident"], _TO, name=op.f("fk_incident_reports_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_reports")),
    )
    op.create_index(op.f("ix_incident_reports_incident"), "incident_reports", ["incident"])
    op.create_table(
        "incident_changes",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], _TO, name=op.f("fk_incident_changes_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_changes")),
    )
    op.create_index(op.f("ix_incident_changes_incident"), "incident_changes", ["incident"])
