# SPDX-License-Identifier: Apache-2.0
"""What people answer for, the newest for each obligation; each day's signed statement; minutes of each source."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table

from giamsat_collector.schema import metadata

attestations = Table(
    "attestations",
    metadata,
    Column("system", ForeignKey("systems.id"), primary_key=True),
    Column("obligation", String(100), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("document", String(200), nullable=False),
    Column("text", String(1000), nullable=False),
    Column("expires", String(10), nullable=False, comment="ISO date; the last day it counts"),
    Column("actor", String(64), nullable=False),
    Column("at_ns", BigInteger, nullable=False),
)

statements = Table(
    "coverage_statements",
    metadata,
    Column("day", String(10), primary_key=True, comment="ISO date, in the collector's zone"),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
)

source_minutes = Table(
    "source_minutes",
    metadata,
    Column("asset", String(64), primary_key=True),
    Column("minute", Integer, primary_key=True, index=True, comment="since 1970, by the collector's clock"),
    Column("source", String(128), primary_key=True),
    Column("produced", BigInteger, nullable=False),
    Column("throttled", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    Column("spooled", BigInteger, nullable=False, comment="what waited at its end"),
    Column("received", BigInteger, nullable=False),
    Column("lost", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
