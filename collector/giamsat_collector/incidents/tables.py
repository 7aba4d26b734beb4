# SPDX-License-Identifier: Apache-2.0
"""Incidents, their alerts, reports and history. No row is ever taken away but that an alert was part of one."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from giamsat_collector.schema import metadata

_ID = BigInteger().with_variant(Integer, "sqlite")

incidents = Table(
    "incidents",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("title", String(300), nullable=False),
    Column("group", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("serious", Boolean, nullable=False),
    Column("security_interest", Boolean, nullable=False),
    Column("interruption", Boolean, nullable=False),
    Column("personal_data", Boolean, nullable=False),
    Column("persons", BigInteger, comment="whom the personal data is about; none: not known"),
    Column("detected_ns", BigInteger, nullable=False, comment="from when the law counts"),
    Column("detected_why", Text, nullable=False, comment="why that is not when its first alert was raised"),
    Column("owner", String(64), nullable=False),
    Column("first_actions", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("opened_ns", BigInteger, nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("closed_ns", BigInteger),
    Column("revision", Integer, nullable=False),
    Column("told_by", String(300), nullable=False, server_default="", comment="the person who told of it, and how"),
    Column("unit", String(64), nullable=False, server_default="", comment="where that person says it is"),
    Column("system", String(64)),
    Column("level", Integer),
    Index("ix_incidents_state", "state", "number"),
)

members = Table(
    "incident_alerts",
    metadata,
    Column("incident", ForeignKey("incidents.number"), primary_key=True),
    Column("alert", ForeignKey("alerts.id"), primary_key=True, index=True),
)

reports = Table(
    "incident_reports",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("incident", ForeignKey("incidents.number"), nullable=False, index=True),
    Column("report", String(20), nullable=False),
    Column("sent_ns", BigInteger, nullable=False),
    Column("document", String(200), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("recorded_ns", BigInteger, nullable=False),
    Column("withdrawn_ns", BigInteger),
)

changes = Table(
    "incident_changes",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("incident", ForeignKey("incidents.number"), nullable=False, index=True),
    Column("at_ns", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(20), nullable=False),
    Column("before", String(20), nullable=False),
    Column("after", String(20), nullable=False),
    Column("details", JSON, nullable=False),
    Column("note", Text, nullable=False),
)
