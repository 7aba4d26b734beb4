# SPDX-License-Identifier: Apache-2.0
"""Suppressions. A row is never taken away: it is the record of who hid what, and why."""

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table

from giamsat_collector.schema import metadata

suppressions = Table(
    "suppressions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("rules", JSON, nullable=False, comment="names; empty: every rule"),
    Column("fields", JSON, nullable=False, comment="what an event must have, all of it"),
    Column("reason", String(1000), nullable=False),
    Column("document", String(200), nullable=False),
    Column("proposer", String(64), nullable=False),
    Column("proposed_ns", BigInteger, nullable=False),
    Column("since_ns", BigInteger, nullable=False),
    Column("until_ns", BigInteger, nullable=False),
    Column("second", String(64), comment="who agreed"),
    Column("agreed_ns", BigInteger),
    Column("ended_by", String(64)),
    Column("ended_ns", BigInteger),
    Column("hidden", BigInteger, nullable=False, comment="events and conditions it kept from rules"),
    Column("last_ns", BigInteger, comment="when it last hid something"),
)
