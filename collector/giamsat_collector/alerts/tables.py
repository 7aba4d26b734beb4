# SPDX-License-Identifier: Apache-2.0
"""Alerts, whom those in the queue tell of, their history, and the packets behind them."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from giamsat_collector.schema import metadata

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("rule", String(100), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("title_vi", String(300), nullable=False),
    Column("title_en", String(300), nullable=False),
    Column("asset", String(64), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("system", String(64)),
    Column("level", Integer),
    Column("severity", String(20), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("owner", String(64)),
    Column("count", BigInteger, nullable=False),
    Column("first_ns", BigInteger, nullable=False),
    Column("last_ns", BigInteger, nullable=False),
    Column("opened_ns", BigInteger, nullable=False),
    Column("changed_ns", BigInteger, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("condition_cleared", Boolean, nullable=False),
    Column("threshold", JSON, nullable=False),
    Column("profile", String(64), nullable=False),
    Column("groups", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("techniques", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("searchable", Text, nullable=False),
    Column("maintenance", Integer, comment="number of the declared maintenance it fell into"),
    Column("surfaces_ns", BigInteger, comment="when it comes into the queue all the same"),
    Column("cause", String(16), comment="the alert that stands for it in the queue"),
    Column("relation", String(16), comment="why that one stands for it: consequence, same"),
    # In the order of the queue; the rest is what it is filtered and counted by, so that no row is read for that.
    Index(
        "ix_alerts_queue",
        *("closed", "priority", "opened_ns", "id"),
        *("state", "relation", "maintenance", "cause", "owner", "severity", "level", "unit", "system", "asset", "rule"),
        *("first_ns", "last_ns", "searchable"),
    ),
    Index("ix_alerts_opened", "opened_ns", "priority"),
    Index("ix_alerts_rule", "rule", "closed", "asset"),
    Index("ix_alerts_asset", "asset", "last_ns"),
    Index("ix_alerts_cause", "cause", "closed"),
    Index("ix_alerts_unit", "unit", "closed"),
    Index("ix_alerts_open", "asset", "closed"),
    Index("ix_alerts_behind", "relation", "closed"),
)

offenders = Table(
    "offenders",
    metadata,
    Column("unit", String(64), primary_key=True),
    Column("rule", String(100), primary_key=True),
    Column("mark", String(16), primary_key=True, comment="a name of an offender and its value, in few characters"),
    Column("alert", ForeignKey("alerts.id"), primary_key=True),
)

changes = Table(
    "alert_changes",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("alert", ForeignKey("alerts.id"), nullable=False, index=True),
    Column("at_ns", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(20), nullable=False),
    Column("before", String(20), nullable=False),
    Column("after", String(20), nullable=False),
    Column("owner", String(64)),
    Column("note", Text, nullable=False),
    Index("ix_alert_changes_at_ns", "at_ns"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("asset", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("interface", String(64), nullable=False),
    Column("pcap", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("lines", JSON, nullable=False),
    Column("received_ns", BigInteger, nullable=False),
    Index("ix_evidence_age", "asset", "received_ns", "size"),
)
